import { TypeOverrides, types } from 'pg';

const INT8_ARRAY = 1016;
const DATE_ARRAY = 1182;

/** Whole numbers that JavaScript holds exactly become numbers; larger ones stay text. */
function wholeNumber(text: string): number | string {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : text;
}

/** Reads a one-dimensional array whose elements PostgreSQL never quotes: `{1,NULL,3}`. */
function arrayOf<T>(element: (text: string) => T): (text: string) => Array<T | null> {
  return (text) => (text === '{}' ? [] : text.slice(1, -1).split(',').map((it) => (it === 'NULL' ? null : element(it))));
}

/**
 * How column values arrive, per connection (pg's global parsers stay as they are): bigint as number where that is
 * exact, date as `YYYY-MM-DD` (pg would make a Date at midnight of the machine's time zone), timestamptz as Date,
 * numeric as text, json and jsonb parsed.
 */
export const columnTypes = new TypeOverrides();
columnTypes.setTypeParser(types.builtins.INT8, wholeNumber);
columnTypes.setTypeParser(INT8_ARRAY, arrayOf(wholeNumber));
columnTypes.setTypeParser(types.builtins.DATE, String);
columnTypes.setTypeParser(DATE_ARRAY, arrayOf(String));
