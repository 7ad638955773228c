/** Text without a run of so many digits has no number that is too long for a double. */
const MAYBE_LONG = /[\d.]{16}/;

/** A number as it is written, until it is known where it stands. */
class Long {
  constructor(readonly written: string) {}
}

/**
 * Reads rows as JSON. A column of `bigint` or `numeric` may hold more digits than a double: such a value is given as text,
 * which PostgreSQL takes for the same number, so that two ids that differ in their last digit stay two. Numbers within
 * JSON columns are what the context itself reads.
 */
export function readRows(text: string): unknown {
  if (!MAYBE_LONG.test(text)) return JSON.parse(text);
  const read = JSON.parse(text, function keepLong(_key, value: unknown, context?: { readonly source?: string }) {
    return typeof value === 'number' && isCut(value, context?.source ?? '') ? new Long(context?.source ?? '') : value;
  }) as unknown;
  return atDepth(read, 0);
}

/** Columns stand below the list, the image and its row. */
function atDepth(value: unknown, depth: number): unknown {
  if (value instanceof Long) return depth === 3 ? value.written : Number(value.written);
  if (Array.isArray(value)) return value.map((it) => atDepth(it, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, it]) => [name, atDepth(it, depth + 1)]));
}

/** Ids beyond the safe whole numbers are all text, whether or not this one would survive. A double is written in as many digits as it has. */
function isCut(value: number, written: string): boolean {
  return plain(written) !== plain(String(value)) || (/^-?\d+$/.test(written) && !Number.isSafeInteger(value));
}

/** Without an exponent or zeros that say nothing. */
function plain(written: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(written) ?? [];
  const [digits, scale] = [(whole + fraction).replace(/^0+/, ''), fraction.length - Number(exponent)];
  const short = digits.replace(/0+$/, '');
  if (short === '') return '0';
  return `${sign}${short}e${digits.length - short.length - scale}`;
}
