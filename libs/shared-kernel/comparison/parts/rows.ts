import type { Keys, WrittenRow } from '../outputs.js';
import type { ComparisonRules } from '../rules/define-comparison.js';
import type { Place } from '../rules/place.js';
import type { Comparing } from '../values/comparing.js';
import type { LikenessWriter } from '../values/likeness.js';
import { pairWithoutOrder } from '../values/without-order.js';
import { netEffect } from './net-effect.js';

/** Compares what one transaction did to each row in the end; the order of the rows means nothing. */
export function compareRows(comparing: Comparing, primary: readonly WrittenRow[], candidate: readonly WrittenRow[], rules: ComparisonRules, keys: Keys): void {
  const placeOf = ({ table }: WrittenRow): Place => rules.places.rows.child(table);
  const known = { ...keys, ...rules.factKeys };
  pairWithoutOrder(comparing, logicalRows(primary, rules, keys), logicalRows(candidate, rules, keys), {
    compare: (a, b) => compareRow(comparing, a, b, placeOf(a), known[a.table] ?? []),
    write: (it, writer) => `${it.change} ${it.change === 'deleted' ? writeKey(it, known, placeOf(it), writer) : writer.write(it.row, placeOf(it))}`,
    label: (it, writer) => `${it.table} ${writeKey(it, known, placeOf(it), writer)}`,
    missing: (it) => comparing.note('missing', placeOf(it), it, undefined),
    extra: (it) => comparing.note('extra', placeOf(it), undefined, it),
    reordered: () => undefined,
  });
}

/** The facts behind the rows, where their tables are not to be compared. */
function logicalRows(rows: readonly WrittenRow[], { projection, factKeys }: ComparisonRules, keys: Keys): readonly WrittenRow[] {
  const net = netEffect(rows, keys);
  return projection ? netEffect(projection(net), { ...keys, ...factKeys }) : net;
}

function writeKey({ table, row }: WrittenRow, keys: Keys, place: Place, writer: LikenessWriter): string {
  const columns = keys[table] ?? [];
  return columns.map((it) => writer.write(row[it], place.child(it))).join();
}

/** Of a deleted row only its key counts: what it held before was compared when it was written. */
function compareRow(comparing: Comparing, primary: WrittenRow, candidate: WrittenRow, place: Place, key: readonly string[]): void {
  if (primary.change !== candidate.change) comparing.note('payload', place, primary.change, candidate.change);
  if (primary.change !== 'deleted' && candidate.change !== 'deleted') return comparing.value(primary.row, candidate.row, place);
  for (const column of key) comparing.value(primary.row[column], candidate.row[column], place.child(column));
}
