import type { EventEnvelope } from '../contract/index.js';
import type { Database } from '../persistence/index.js';
import { type EnvelopeRow, envelopeOf } from './envelope-row.js';
import { failureNoted } from './parking-failures.js';
import { PLANNED_AS_USUAL, PLANNED_BY_INDEX } from './planning.js';

/** An event as a lane sees it. */
export interface LaneEvent {
  readonly envelope: EventEnvelope;
  /** How often it was begun before this time. */
  readonly attempts: number;
  /** The last delay it waited, in milliseconds. */
  readonly delayMs: number;
  readonly lastError: string | null;
  /** First arrival by the database's clock: redelivered or tried again, an event is always handled at this instant. */
  readonly receivedAt: Date;
  /** A first try that was given up waiting for has handled it after all. */
  readonly isHandled: boolean;
}

type LaneRow = EnvelopeRow & {
  readonly attempts: number; readonly delay_ms: number; readonly last_error: string | null; readonly received_at: Date; readonly is_handled: boolean;
};

/** The table `inbox` of one context, as the lanes use it. */
export class LaneStore {
  constructor(private readonly database: Database) {}

  /**
   * Makes the open transaction the only one that runs this lane, in whatever process. The lock is the transaction's:
   * it goes with commit, rollback or the death of the connection, and needs no lease. Ask for it in a statement of
   * its own, before reading the lane: a statement that did both would read a state from before the lock.
   */
  async lock(lane: number): Promise<boolean> {
    const rows = await this.database.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtext('banyan.inbox.' || current_schema()), $1::integer) AS locked`, [lane],
    );
    return rows[0]?.locked === true;
  }

  /** The lanes that have something to run, or perhaps only something held up; one probe of inbox_ready per lane. */
  async lanesWithWork(lanes: number): Promise<number[]> {
    const rows = await this.database.query<{ lane: number }>(
      `SELECT lane FROM generate_series(0, $1::integer - 1) AS lane
       WHERE EXISTS (SELECT FROM inbox WHERE inbox.lane = lane.lane AND status IN ('pending', 'waiting') AND next_attempt_at <= statement_timestamp())`,
      [lanes],
    );
    return rows.map((row) => row.lane);
  }

  /**
   * The first events of the lane that may run, in order: those without an earlier one of the same key that waits for
   * its next try or is parked. Read along inbox_ready; the few that hold others up are found in inbox_held. One
   * instant decides for the whole statement, or an earlier event could come due between two looks at the clock. To be
   * asked for in the transaction that has the lane.
   */
  async runnable(lane: number, limit: number): Promise<LaneEvent[]> {
    this.database.post(PLANNED_BY_INDEX);
    const answer = this.database.query<LaneRow>(
      `SELECT event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload,
              attempts, delay_ms, last_error, received_at, EXISTS (SELECT FROM inbox_handled WHERE inbox_handled.event_id = event.event_id) AS is_handled
       FROM inbox AS event
       WHERE lane = $1 AND status IN ('pending', 'waiting') AND next_attempt_at <= statement_timestamp()
         AND NOT EXISTS (
           SELECT FROM inbox AS earlier
           WHERE earlier.aggregate_id = event.aggregate_id AND earlier.position < event.position AND earlier.status IN ('waiting', 'parked')
             AND (earlier.status = 'parked' OR earlier.next_attempt_at > statement_timestamp()))
       ORDER BY position LIMIT $2`,
      [lane, limit],
    );
    this.database.post(PLANNED_AS_USUAL);
    return (await answer).map(laneEvent);
  }

  /** Counts the try that is about to begin. Its own transaction, so that the count outlives a crash of the try. */
  async count(ids: readonly string[]): Promise<void> {
    await this.database.query(`UPDATE inbox SET attempts = attempts + 1 WHERE event_id = ANY($1::uuid[])`, [ids]);
  }

  /**
   * Takes back the count of a try that was not the event's fault. It names the count to go back from, so that it can
   * be repeated when its own outcome is unknown. Served by the primary key.
   */
  async forgive(events: ReadonlyMap<string, number>): Promise<void> {
    await this.database.query(
      `UPDATE inbox SET attempts = forgiven.attempts FROM unnest($1::uuid[], $2::integer[]) AS forgiven (event_id, attempts)
       WHERE inbox.event_id = forgiven.event_id AND inbox.attempts = forgiven.attempts + 1 AND inbox.status IN ('pending', 'waiting')`,
      [[...events.keys()], [...events.values()]],
    );
  }

  /**
   * Marks events as handled, in the transaction that handled them.
   * @throws Error when one of them is no longer to be handled; then the transaction must not commit
   */
  async finish(ids: readonly string[]): Promise<void> {
    const rows = await this.database.query<{ finished: number }>(
      `WITH finished AS (
         UPDATE inbox SET status = 'done', handled_at = clock_timestamp() WHERE event_id = ANY($1::uuid[]) AND status IN ('pending', 'waiting') RETURNING event_id
       ) SELECT count(*)::integer AS finished FROM finished`,
      [ids],
    );
    if (rows[0]?.finished !== ids.length) throw new Error('Another process changed an event while it was being handled; its effect is rolled back and it is looked at again.');
  }

  /** Lets a failed event wait. `attempts` must be what the caller has seen: otherwise somebody else has tried it since. */
  async wait(eventId: string, attempts: number, delayMs: number, error: string): Promise<boolean> {
    return this.changeIfSame(`status = 'waiting', next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond', delay_ms = $4, ${failureNoted('waiting')}`, eventId, attempts, error, [delayMs]);
  }

  /** Parks an event. What comes after it with the same key is held up by that alone. */
  async park(eventId: string, attempts: number, error: string): Promise<boolean> {
    return this.changeIfSame(`status = 'parked', ${failureNoted('parked')}`, eventId, attempts, error, []);
  }

  private async changeIfSame(change: string, eventId: string, attempts: number, error: string, more: readonly unknown[]): Promise<boolean> {
    const rows = await this.database.query<{ changed: boolean }>(
      `WITH changed AS (
         UPDATE inbox SET ${change}, last_error = $3 WHERE event_id = $1 AND attempts = $2 AND status IN ('pending', 'waiting') RETURNING event_id
       ) SELECT EXISTS (SELECT FROM changed) AS changed`,
      [eventId, attempts, error, ...more],
    );
    return rows[0]?.changed === true;
  }
}

function laneEvent(row: LaneRow): LaneEvent {
  return { envelope: envelopeOf(row), attempts: row.attempts, delayMs: row.delay_ms, lastError: row.last_error, receivedAt: row.received_at, isHandled: row.is_handled };
}
