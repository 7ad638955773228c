import type { Difference } from './difference.js';
import type { Keys, ObservedTransaction, Outputs } from './outputs.js';
import { compareCalls } from './parts/calls.js';
import { compareEvents } from './parts/events.js';
import { compareResponses } from './parts/response.js';
import { compareRows } from './parts/rows.js';
import type { ComparisonRules } from './rules/define-comparison.js';
import { Comparing } from './values/comparing.js';
import { pairInOrder } from './values/in-order.js';

/** How two sides are compared. */
export interface ComparedBy {
  readonly rules: ComparisonRules;
  /** The primary keys of the tables, of both implementations. Rows of a table that is not named are compared as a multiset. */
  readonly keys: Keys;
}

/**
 * What the candidate did differently with the same input; nothing when both did the same.
 * - The response is compared exactly; of its headers those that matter.
 * - Calls are compared in their order.
 * - Transactions are compared in the order of their commits. One that only one side has shows as its events and rows.
 * - Events of an aggregate keep their order; between aggregates order means nothing.
 * - Rows are compared by key, by what the transaction came to in the end.
 */
export function compare(primary: Outputs, candidate: Outputs, { rules, keys }: ComparedBy): Difference[] {
  const comparing = new Comparing(rules.followsIds);
  compareResponses(comparing, primary.response, candidate.response, rules);
  compareCalls(comparing, primary.calls, candidate.calls, rules.places.calls);
  compareTransactions(comparing, primary.transactions, candidate.transactions, { rules, keys });
  return comparing.differences;
}

function compareTransactions(comparing: Comparing, primary: readonly ObservedTransaction[], candidate: readonly ObservedTransaction[], { rules, keys }: ComparedBy): void {
  const nothing: ObservedTransaction = { events: [], rows: [] };
  const both = (a: ObservedTransaction, b: ObservedTransaction): void => {
    compareEvents(comparing, a.events, b.events, rules.places.events);
    compareRows(comparing, a.rows, b.rows, rules, keys);
  };
  pairInOrder(comparing, primary, candidate, {
    compare: both,
    write: ({ events, rows }) => JSON.stringify([events.map((it) => [it.eventType, it.aggregateId]), rows.map((it) => [it.table, (keys[it.table] ?? []).map((column) => it.row[column])])]),
    label: () => '',
    missing: (it) => both(it, nothing),
    extra: (it) => both(nothing, it),
    reordered: (a, b) => comparing.note('reordered', rules.places.rows, tablesOf(a), tablesOf(b)),
  });
}

function tablesOf({ rows }: ObservedTransaction): string[] {
  return [...new Set(rows.map(({ table }) => table))];
}
