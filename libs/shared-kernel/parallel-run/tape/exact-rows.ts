/** A number that is another one, or looks like another one, when JavaScript has read it: 9007199254740993, 10.50. */
class Inexact {
  constructor(readonly text: string, readonly value: number) {}

  /** What is compared: a number, as `Database` hands it out, unless that is another one. */
  get told(): unknown {
    const [digits = '', power] = this.text.split(/[eE]/);
    return power !== undefined || String(this.value) === plainDigits(digits) ? this.value : this.text;
  }
}

interface HasRow {
  readonly row: Record<string, unknown>;
}

/** `JSON.rawJSON`, which the compiler does not know yet: is written as it is. */
const asIs = (JSON as typeof JSON & { rawJSON(text: string): unknown }).rawJSON;

/** May there be one? Says yes to some texts without any, and never no to one that has some; looking closer costs more than all the rest. */
const SUSPICIOUS = /\d{16}|\d\.\d*0(?!\d)|\d[eE]|-0/;

/** Rows as they are to be written, of those that JavaScript cannot hold. */
const asWritten = new WeakMap<object, unknown>();

/** Reads JSON; numbers that cannot be held are to be told apart by `heldRows`. */
export function parseExactly(text: string): unknown {
  if (!SUSPICIOUS.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_name, value: unknown, { source }: { source?: string } = {}) =>
    (typeof value === 'number' && source !== undefined && source !== String(value) ? new Inexact(source, value) : value));
}

/** The images with values that everybody knows; a column's number that JavaScript would make another one of is its decimal text. */
export function heldRows<I extends HasRow>(images: readonly I[], text: string): I[] {
  if (!SUSPICIOUS.test(text)) return [...images];
  return images.map((image) => {
    const row = ofEach(image.row, (it) => (it instanceof Inexact ? it.told : withEach(it, ({ value }) => value)));
    asWritten.set(row, withEach(image.row, (it) => asIs(it.text)));
    return { ...image, row };
  });
}

/** The images, to be made JSON of in which every number has the digits that it came with. */
export function writtenRows<I extends HasRow>(images: readonly I[]): unknown[] {
  return images.map((image) => ({ ...image, row: asWritten.get(image.row) ?? image.row }));
}

function withEach(value: unknown, of: (it: Inexact) => unknown): unknown {
  if (value instanceof Inexact) return of(value);
  if (Array.isArray(value)) return value.map((it) => withEach(it, of));
  return typeof value === 'object' && value !== null ? ofEach(value, (it) => withEach(it, of)) : value;
}

function ofEach(values: object, of: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([name, it]) => [name, of(it)]));
}

/** 10.50 is 10.5. */
function plainDigits(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
