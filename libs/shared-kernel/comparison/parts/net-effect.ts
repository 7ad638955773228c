import type { Keys, WrittenRow } from '../outputs.js';

type Change = WrittenRow['change'];

/** What a row came to through two changes in a row; undefined when it is as if nothing had happened. */
const together: Readonly<Record<Change, Readonly<Record<Change, Change | undefined>>>> = {
  inserted: { inserted: 'inserted', updated: 'inserted', deleted: undefined },
  updated: { inserted: 'updated', updated: 'updated', deleted: 'deleted' },
  deleted: { inserted: 'updated', updated: 'updated', deleted: 'deleted' },
};

/**
 * What a transaction did to each row in the end, with its last image, in the order of the first changes. Rows of a table
 * whose key is not known, or that has none, are left as they are.
 */
export function netEffect(rows: readonly WrittenRow[], keys: Keys): WrittenRow[] {
  const effects = new Map<string, WrittenRow>();
  for (const [at, written] of rows.entries()) {
    const key = rowKey(written, keys) ?? `unkeyed ${at}`;
    const before = effects.get(key);
    const change = before ? together[before.change][written.change] : written.change;
    if (change === undefined) effects.delete(key);
    else effects.set(key, { ...written, change });
  }
  return [...effects.values()];
}

function rowKey({ table, row }: WrittenRow, keys: Keys): string | undefined {
  const columns = keys[table];
  return columns && columns.length > 0 ? JSON.stringify([table, ...columns.map((it) => row[it])]) : undefined;
}
