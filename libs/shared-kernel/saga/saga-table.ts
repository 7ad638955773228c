import type { Database } from '../persistence/index.js';
import type { Principal } from '../runtime/index.js';
import type { Outcome, Position, Target } from './progress.js';
import type { SagaReason } from './step.js';

/** Names one claim of one saga. Whatever is written under it does nothing once the epoch has moved on. */
export interface ClaimKey {
  readonly name: string;
  readonly id: string;
  readonly epoch: string;
}

/** On whose behalf a saga works: that of the input that started it. */
export interface StartedBy {
  readonly principal?: Principal | undefined;
  readonly tenant?: string | undefined;
}

/** A saga that this executor may work on until the lease is over. */
export interface Claim extends ClaimKey, Position {
  readonly version: number;
  readonly state: unknown;
  readonly reason: SagaReason | null;
  /** Attempts of the step, the one that begins now included. */
  readonly attempts: number;
  readonly pauseMs: number;
  readonly lastError: string | null;
  /** Milliseconds until the step is given up, on the database's clock; null when it never is. */
  readonly msLeft: number | null;
  readonly since: string;
  /** Milliseconds since the saga was started, on the database's clock. */
  readonly ageMs: number;
  readonly correlationId: string;
  readonly traceparent: string;
  readonly startedBy: StartedBy;
}

/** A checkpoint: the step at `from` is over, the saga stands at `to`. */
export interface Move {
  readonly key: ClaimKey;
  readonly from: Position;
  readonly outcome: Outcome;
  readonly attempts: number;
  readonly since: string;
  readonly to: Target;
  readonly state: unknown;
  readonly reason: SagaReason | null;
}

/** What is kept of an attempt that came to nothing. */
export interface Delay {
  readonly pauseMs: number;
  readonly lastError: string;
  readonly needsOperator: boolean;
}

export interface NewSaga {
  readonly name: string;
  readonly id: string;
  readonly version: number;
  readonly state: unknown;
  readonly beginning: Target;
  readonly correlationId: string;
  readonly traceparent: string;
  readonly startedBy: StartedBy;
}

/** The statements on the tables `saga` and `saga_step`, all but the reading ones for people. */
export class SagaTable {
  constructor(private readonly database: Database) {}

  /** @returns false when there is a saga of this name and id already */
  async insert(saga: NewSaga): Promise<boolean> {
    const rows = await this.database.query(
      `INSERT INTO saga (name, id, version, status, step, state, step_since, step_deadline, correlation_id, traceparent, started_by)
       VALUES ($1, $2, $3, $4, $5, $6::jsonb, now(), now() + $7::float8 * interval '1 ms', $8, $9, $10::jsonb)
       ON CONFLICT (name, id) DO NOTHING RETURNING 1`,
      [saga.name, saga.id, saga.version, saga.beginning.status, saga.beginning.step, JSON.stringify(saga.state),
        saga.beginning.timeoutMs, saga.correlationId, saga.traceparent, JSON.stringify(saga.startedBy)],
    );
    return rows.length > 0;
  }

  /**
   * Takes due sagas of the known definitions, the longest due first. Rows that another executor is taking at this moment
   * are skipped; a claim whose lease is over is due again, and taking it moves the epoch past the one that lost it.
   * Counts the attempt before it is made, so that a crash counts. A step's time begins with its first attempt: what a saga
   * spends in the queue behind others is not held against it. Served by saga_due.
   */
  claim(known: readonly { readonly name: string; readonly version: number }[], limit: number, leaseMs: number, instance: string): Promise<Claim[]> {
    return this.database.query<Claim>(
      `WITH due AS (
         SELECT name, id FROM saga
          WHERE ended_at IS NULL AND due_at <= now()
            AND (name, version) IN (SELECT * FROM unnest($1::text[], $2::int[]))
          ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
       UPDATE saga s
          SET epoch = s.epoch + 1, attempts = s.attempts + 1, claimed_by = $4, due_at = now() + $5::float8 * interval '1 ms',
              step_since = CASE s.attempts WHEN 0 THEN now() ELSE s.step_since END,
              step_deadline = CASE s.attempts WHEN 0 THEN now() + (s.step_deadline - s.step_since) ELSE s.step_deadline END
         FROM due WHERE s.name = due.name AND s.id = due.id
       RETURNING s.name, s.id, s.epoch::text AS epoch, s.version, s.status, s.step, s.state, s.reason, s.attempts,
                 s.pause_ms AS "pauseMs", s.last_error AS "lastError", s.step_since::text AS since,
                 (extract(epoch FROM s.step_deadline - clock_timestamp()) * 1000)::float8 AS "msLeft",
                 (extract(epoch FROM clock_timestamp() - s.started_at) * 1000)::float8 AS "ageMs",
                 s.correlation_id AS "correlationId", s.traceparent, s.started_by AS "startedBy"`,
      [known.map((it) => it.name), known.map((it) => it.version), limit, instance, leaseMs],
    );
  }

  /**
   * Writes checkpoints, each with the story of the step that is over, all in one statement. A checkpoint counts only while its
   * claim holds and the saga still stands where it came from, so one whose outcome got lost can be tried again.
   * Served by the primary keys.
   * @returns those that counted, with the instant since when they stand at the new step
   */
  moveOn(moves: readonly Move[]): Promise<(ClaimKey & { readonly since: string })[]> {
    return this.database.query(
      `WITH move AS (
         SELECT * FROM jsonb_to_recordset($1::jsonb) AS m (
           name text, id text, epoch bigint, from_status text, from_step text, outcome text, attempts int, since timestamptz,
           status text, step text, timeout_ms float8, state jsonb, reason jsonb)),
       moved AS (
         UPDATE saga s
            SET status = m.status, step = m.step, state = m.state, reason = m.reason,
                attempts = 1, pause_ms = 0, last_error = NULL, needs_operator = false,
                step_since = clock_timestamp(), step_deadline = clock_timestamp() + m.timeout_ms * interval '1 ms',
                claimed_by = CASE WHEN m.step IS NOT NULL THEN s.claimed_by END,
                ended_at = CASE WHEN m.step IS NULL THEN clock_timestamp() END
           FROM move m
          WHERE s.name = m.name AND s.id = m.id AND s.epoch = m.epoch AND s.status = m.from_status AND s.step = m.from_step
         RETURNING s.name, s.id, s.epoch, s.step_since),
       told AS (
         INSERT INTO saga_step (name, id, step, direction, outcome, attempts, started_at, ended_at)
         SELECT name, id, m.from_step, CASE m.from_status WHEN 'running' THEN 'do' ELSE 'undo' END, m.outcome, m.attempts, m.since, moved.step_since
           FROM move m JOIN moved USING (name, id))
       SELECT name, id, epoch::text AS epoch, step_since::text AS since FROM moved`,
      [JSON.stringify(moves.map(({ key, from, to, ...move }) => ({
        ...key, from_status: from.status, from_step: from.step, outcome: move.outcome, attempts: move.attempts, since: move.since,
        status: to.status, step: to.step, timeout_ms: to.timeoutMs, state: move.state, reason: move.reason,
      })))],
    );
  }

  /**
   * Lets go of a saga until its pause is over, or its step's deadline if that is sooner. Served by the primary key.
   * @returns the pause in milliseconds; undefined when the claim does not hold any more or the step is over
   */
  async tryLater({ name, id, epoch }: ClaimKey, { status, step }: Position, { pauseMs, lastError, needsOperator }: Delay): Promise<number | undefined> {
    const [row] = await this.database.query<{ pauseMs: number }>(
      `UPDATE saga
          SET epoch = epoch + 1, claimed_by = NULL, pause_ms = $6, last_error = $7, needs_operator = $8,
              due_at = LEAST(clock_timestamp() + $6::int * interval '1 ms', step_deadline)
        WHERE name = $1 AND id = $2 AND epoch = $3 AND status = $4 AND step = $5
       RETURNING GREATEST(0, extract(epoch FROM due_at - clock_timestamp()) * 1000)::float8 AS "pauseMs"`,
      [name, id, epoch, status, step, pauseMs, lastError, needsOperator],
    );
    return row?.pauseMs;
  }

  /** Gives claims back at once, so that nobody has to wait for the lease. What another executor has claimed since is left alone. */
  async release(claims: readonly ClaimKey[]): Promise<void> {
    await this.database.query(
      `UPDATE saga s SET epoch = s.epoch + 1, claimed_by = NULL, attempts = s.attempts - 1, due_at = clock_timestamp()
         FROM unnest($1::text[], $2::text[], $3::bigint[]) AS c (name, id, epoch)
        WHERE s.name = c.name AND s.id = c.id AND s.epoch = c.epoch AND s.ended_at IS NULL`,
      columns(claims),
    );
  }

  /** Extends leases. Rows that somebody holds at this moment are skipped rather than waited for: it must not deadlock with a batch of checkpoints. */
  async renew(claims: readonly ClaimKey[], leaseMs: number): Promise<void> {
    await this.database.query(
      `WITH held AS (
         SELECT s.name, s.id FROM saga s
           JOIN unnest($1::text[], $2::text[], $3::bigint[]) AS c (name, id, epoch) ON s.name = c.name AND s.id = c.id AND s.epoch = c.epoch
          WHERE s.ended_at IS NULL FOR UPDATE OF s SKIP LOCKED)
       UPDATE saga s SET due_at = clock_timestamp() + $4::float8 * interval '1 ms' FROM held WHERE s.name = held.name AND s.id = held.id`,
      [...columns(claims), leaseMs],
    );
  }

  /** Ends the pause of one saga, unless somebody works on it. Served by the primary key. */
  async endPause(name: string, id: string): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE saga SET due_at = clock_timestamp() WHERE name = $1 AND id = $2 AND claimed_by IS NULL AND ended_at IS NULL RETURNING 1`,
      [name, id],
    );
    return rows.length > 0;
  }

  /** Unfinished sagas of names and versions that are not among the known ones. Served by saga_due. */
  strangers(known: readonly { readonly name: string; readonly version: number }[]): Promise<{ name: string; version: number; count: number }[]> {
    return this.database.query(
      `SELECT name, version, count(*)::int AS count FROM saga
        WHERE ended_at IS NULL AND (name, version) NOT IN (SELECT * FROM unnest($1::text[], $2::int[]))
        GROUP BY name, version`,
      [known.map((it) => it.name), known.map((it) => it.version)],
    );
  }

  /** Is a saga of the known definitions waiting to be claimed? Served by saga_due. */
  async isAnyDue(known: readonly { readonly name: string; readonly version: number }[]): Promise<boolean> {
    const rows = await this.database.query(
      `SELECT 1 FROM saga WHERE ended_at IS NULL AND due_at <= clock_timestamp()
          AND (name, version) IN (SELECT * FROM unnest($1::text[], $2::int[])) LIMIT 1`,
      [known.map((it) => it.name), known.map((it) => it.version)],
    );
    return rows.length > 0;
  }
}

function columns(claims: readonly ClaimKey[]): [string[], string[], string[]] {
  return [claims.map((it) => it.name), claims.map((it) => it.id), claims.map((it) => it.epoch)];
}
