/** A number that is another one, or looks like another one, when JavaScript has read it: 9007199254740993, 10.50. */
class Inexact {
  constructor(readonly text: string, readonly value: number) {}
}

/** May there be one? Says yes to some texts without any, and never no to one that has some; looking closer costs more than all the rest. */
const SUSPICIOUS = /\d{16}|\d\.\d*0(?!\d)|\d[eE]|-0/;

/**
 * Reads images of rows. A column's number stays one where that is exact, and is its decimal text else, as `Database` hands
 * them out: what PostgreSQL makes of it on the copy is then the same to the last digit. Within JSON it is a number always.
 */
export function exactRows(text: string): unknown {
  if (!SUSPICIOUS.test(text)) return JSON.parse(text);
  const images = JSON.parse(text, (_name, value: unknown, { source }: { source?: string } = {}) =>
    (typeof value === 'number' && source !== undefined && source !== String(value) ? new Inexact(source, value) : value)) as { row: Record<string, unknown> }[];
  return images.map((image) => ({ ...image, row: ofEach(image.row, (it) => (it instanceof Inexact ? it.text : plain(it))) }));
}

function plain(value: unknown): unknown {
  if (value instanceof Inexact) return value.value;
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null ? ofEach(value, plain) : value;
}

function ofEach(values: object, of: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, it]) => [name, of(it)]));
}
