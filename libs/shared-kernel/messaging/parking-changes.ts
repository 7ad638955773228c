import type { Database } from '../persistence/index.js';
import type { Changed, ParkingWish } from './parking-words.js';

/**
 * Carries wishes of operators out at most once, and remembers each with its outcome: the change, its record and the
 * list of the events it touched are one transaction.
 *
 * That transaction holds an advisory lock, so that a context's parked events are changed by one wish at a time, in all
 * processes; lanes may go on parking others. It goes with commit, rollback or the death of the connection.
 */
export class ParkingChanges {
  constructor(private readonly database: Database) {}

  /** @param work does it in the open transaction and records it, see `recorded` */
  async once<Outcome>(wish: ParkingWish, work: () => Promise<Outcome>): Promise<Changed<Outcome>> {
    return this.database.transaction(async () => {
      // A statement of its own: what follows needs a snapshot that is taken after the wait.
      await this.database.query(`SELECT pg_advisory_xact_lock(hashtext('banyan.parking.' || current_schema()))`);
      const known = await this.known<Outcome>(wish);
      return known ?? { is: 'done', outcome: await work(), isReplay: false };
    });
  }

  /** Served by the unique key. */
  private async known<Outcome>({ principalId, idempotencyKey, requestHash }: ParkingWish): Promise<Changed<Outcome> | undefined> {
    const [row] = await this.database.query<{ hash: string; outcome: Outcome }>(
      'SELECT request_hash AS hash, outcome FROM parking_change WHERE principal_id = $1 AND idempotency_key = $2', [principalId, idempotencyKey],
    );
    if (!row) return undefined;
    return row.hash === requestHash ? { is: 'done', outcome: row.outcome, isReplay: true } : { is: 'other-wish' };
  }
}

/**
 * The end of a statement that changes parked events: the rows named `touched` are listed under a new record, together
 * with the one row of `outcome`. It answers with the outcome and with the lanes that were touched.
 * @param first number of the first of five parameters: principal, key, what, reason, hash of the request
 */
export function recorded(first: number): string {
  const [principal, key, what, reason, hash] = [0, 1, 2, 3, 4].map((it) => `$${first + it}::text`);
  return `recorded AS (
      INSERT INTO parking_change (principal_id, idempotency_key, what, reason, request_hash, outcome)
      SELECT ${principal}, ${key}, ${what}, ${reason}, ${hash}, to_jsonb(outcome) FROM outcome RETURNING change, outcome
    ), listed AS (
      INSERT INTO parking_change_event (event_id, change, event_type, key, attempts, last_error)
      SELECT event_id, change, event_type, aggregate_id, attempts, last_error FROM touched, recorded
    )
    SELECT outcome, coalesce((SELECT array_agg(DISTINCT lane) FROM touched), '{}') AS lanes FROM recorded`;
}

/** The parameters of `recorded`. */
export function recordOf({ principalId, idempotencyKey, reason, requestHash }: ParkingWish, what: 'redrive' | 'discard'): string[] {
  return [principalId, idempotencyKey, what, reason, requestHash];
}

/** What such a statement answers with. */
export interface Recorded<Outcome> {
  readonly outcome: Outcome;
  readonly lanes: readonly number[];
}
