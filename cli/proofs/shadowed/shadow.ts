import type { House } from '../lifted/house.js';

/** The copy's database, on the server of the proof. */
export const COPY = 'postgres_shadow_payments';

/** How far the shadow is, and what it has found. */
export interface ShadowSeen {
  readonly state: string;
  readonly behind: number;
  readonly restarts: number;
  readonly compared: number;
  readonly applied: number;
  readonly undecided: number;
  readonly dropped: number;
  readonly findings: number;
  /** Has it played all that had committed when it was asked? */
  readonly isThrough: boolean;
}

export async function shadowOf(house: House, edge = '0'): Promise<ShadowSeen | undefined> {
  const [seen] = await house.query<ShadowSeen>(
    `SELECT state, behind::int, restarts::int, applied::int, undecided::int, dropped::int,
       (SELECT coalesce(sum(compared), 0)::int FROM parallel_run.coverage WHERE run = run.id) AS compared,
       (SELECT coalesce(sum(count), 0)::int FROM parallel_run.finding WHERE run = run.id) AS findings,
       state = 'playing' AND behind = 0 AND upto IS NULL AND pg_snapshot_xmin(seen::pg_snapshot) >= $1::xid8 AS "isThrough"
       FROM parallel_run.run WHERE state <> 'ended' AND context = 'payments'`, [edge]);
  return seen;
}

/** What has committed until now. */
export async function edgeOf(house: House): Promise<string> {
  const [row] = await house.query<{ edge: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS edge');
  return row?.edge ?? '0';
}

const TABLES = ['payment', 'refund', 'payment_event', 'credit_note', 'ledger_entry', 'stream_event'];

/** Tables in which the copy has not the rows of the original. */
export async function unequalTables(house: House): Promise<string[]> {
  const unequal: string[] = [];
  for (const table of TABLES) {
    const digest = `SELECT count(*) || ' ' || coalesce(md5(string_agg(to_jsonb(it)::text, ',' ORDER BY to_jsonb(it)::text)), '') AS rows FROM payments.${table} AS it`;
    const [[original], [copy]] = await Promise.all([house.query<{ rows: string }>(digest), house.query<{ rows: string }>(digest, [], COPY)]);
    if (original?.rows !== copy?.rows) unequal.push(table);
  }
  return unequal;
}
