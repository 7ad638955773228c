import type { EventEnvelope } from '../contract/index.js';
import type { Database } from '../persistence/index.js';
import { type EnvelopeRow, envelopeOf } from './envelope-row.js';
import type { Position } from './outbox.js';
import { PLANNED_BY_INDEX } from './planning.js';
import { slotNow } from './slots.js';

export interface LogEntry {
  readonly position: Position;
  readonly envelope: EventEnvelope;
}

/** Transactions that a moment shows as over, and the first transaction id that was given out after it. */
interface Moment {
  /** A pg_snapshot. */
  readonly seen: string;
  readonly edge: string;
}

/** How far the log is read: what `seen` shows is delivered; of what `upto` shows, what is not behind `after` is too. */
interface Progress extends Moment {
  /** The highest position that `seen` shows. */
  readonly floor: bigint;
  readonly upto: Moment | undefined;
  readonly after: bigint;
}

interface ProgressRow {
  readonly seen: string;
  readonly edge: string;
  readonly floor: Position;
  readonly upto: string | null;
  readonly upto_edge: string | null;
  readonly after: Position;
  readonly begun: Position;
  readonly moved: boolean;
}

type ReadRow = { readonly now: string; readonly edge: string | null; readonly position: Position | null } & EnvelopeRow;

const ENVELOPE = 'event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload';
/** Plans along the indexes; a note that a crash of the server loses costs a redelivery, which inboxes know how to skip. */
const PREPARE = `${PLANNED_BY_INDEX}; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off; SET LOCAL synchronous_commit = off`;
const IN_WINDOW = '($3::pg_snapshot IS NULL OR pg_visible_in_snapshot(xid, $3::pg_snapshot))';

/**
 * One statement is one round: it notes how far the log is read, if the lease is still of this epoch, reads on, notes
 * what is begun, and learns the moment at which it read. $1, $2 seen; $3, $4 upto; $5 floor; $6 after; $7 how many;
 * $8 epoch; $9 is there something to note; $10 length of a slot.
 *
 * Three kinds of rows are new: those of transactions that began after `seen`, whose positions are above the floor; those
 * that `seen` lists as running; and those with an id at or above its highest that were running without being listed.
 * The last two are few, and found by their ids.
 */
const ROUND = `WITH read AS MATERIALIZED (
    SELECT * FROM (
      (SELECT position, ${ENVELOPE} FROM outbox WHERE position > greatest($5::bigint, $6::bigint) AND xid >= $2::xid8 AND ${IN_WINDOW} ORDER BY position LIMIT $7)
      UNION ALL
      SELECT position, ${ENVELOPE} FROM outbox WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::pg_snapshot))) AND position + 0 > $6::bigint AND ${IN_WINDOW}
      UNION ALL
      SELECT position, ${ENVELOPE} FROM outbox WHERE xid >= pg_snapshot_xmax($1::pg_snapshot) AND xid < $2::xid8 AND position + 0 > $6::bigint AND ${IN_WINDOW}
    ) AS unread ORDER BY position LIMIT $7
  ), noted AS (
    INSERT INTO relay_progress (slot, id, cluster, seen, edge, floor, upto, upto_edge, after, begun)
    SELECT ${slotNow('$10::float8')}, nextval('relay_progress_ids'), (SELECT system_identifier FROM pg_control_system()), $1::pg_snapshot, $2::xid8, $5::bigint,
      $3::pg_snapshot, $4::xid8, $6::bigint, coalesce((SELECT max(position) FROM read), 0)
    FROM (SELECT FROM relay_lease WHERE epoch = $8 AND ($9::boolean OR EXISTS (SELECT FROM read)) FOR UPDATE) AS lease
    RETURNING pg_current_xact_id()::text AS edge
  )
  SELECT round.now, round.edge, read.* FROM (SELECT pg_current_snapshot()::text AS now, (SELECT edge FROM noted) AS edge) AS round LEFT JOIN read ON true ORDER BY position`;

/**
 * Reads one context's log: every event once it is committed, those of one key in the order of their commits, without
 * waiting for anybody's transaction. It goes by the difference of two snapshots, in the manner of PgQ: new is what one
 * statement sees and the moment before did not show. Within that, positions give the order; it holds because producers
 * serialise on the aggregate before they append, so an event that comes later in its key is committed later and has a
 * higher position.
 *
 * What it has in memory is true for one epoch of the lease. Everything it notes is fenced by that epoch.
 */
export class LogReader {
  private epoch: Position | undefined;
  private progress: Progress | undefined;
  private isNoted = true;
  private begunUpTo = 0n;
  private pending: { readonly moment: Moment; readonly last: bigint; readonly isWhole: boolean } | undefined;

  /** @param slotMs how long a slot is written to */
  constructor(private readonly database: Database, private readonly slotMs: number) {}

  /**
   * The next events, in order; the same ones again until `delivered`. None: there is nothing more at the moment.
   * Notes durably what was delivered before, and that these are begun.
   * @returns undefined when another leader has taken over; then nothing was noted
   */
  async next(epoch: Position, limit: number): Promise<LogEntry[] | undefined> {
    if (this.epoch !== epoch) await this.open(epoch);
    for (;;) {
      const rows = await this.round(epoch, limit);
      const entries = rows.flatMap((row) => (row.position === null ? [] : [{ position: row.position, envelope: envelopeOf(row) }]));
      const edge = rows[0]?.edge ?? undefined;
      if (edge === undefined && (entries.length > 0 || !this.isNoted)) return this.forget();
      this.isNoted = true;
      const last = entries.at(-1);
      if (last) this.pending = { moment: { seen: rows[0]?.now ?? '', edge: edge ?? '' }, last: BigInt(last.position), isWhole: entries.length < limit };
      if (last || !this.progress?.upto) return entries;
      this.closeWindow(this.progress, this.progress.upto, this.progress.after);
    }
  }

  /** What `next` answered last is with every subscriber. */
  delivered(): void {
    const { pending, progress } = this;
    if (!pending || !progress) return;
    this.pending = undefined;
    const upto = progress.upto ?? pending.moment;
    if (pending.isWhole) this.closeWindow(progress, upto, pending.last);
    else this.advance({ ...progress, upto, after: pending.last });
  }

  /** May a former leader have begun to deliver it, and died? */
  wasBegun(entry: LogEntry): boolean {
    return BigInt(entry.position) <= this.begunUpTo;
  }

  private closeWindow({ floor }: Progress, upto: Moment, last: bigint): void {
    this.begunUpTo = 0n;
    this.advance({ ...upto, floor: last > floor ? last : floor, upto: undefined, after: 0n });
  }

  private advance(progress: Progress): void {
    this.progress = progress;
    this.isNoted = false;
  }

  private forget(): undefined {
    this.epoch = undefined;
    this.progress = undefined;
    this.pending = undefined;
  }

  /** In a transaction of its own, which has no id before it reads: that is what makes its id an edge. */
  private round(epoch: Position, limit: number): Promise<ReadRow[]> {
    const { progress } = this;
    if (!progress) throw new Error('The log is read before it was opened.');
    return this.database.transaction(() => {
      this.database.post(PREPARE);
      return this.database.query<ReadRow>(ROUND, [
        progress.seen, progress.edge, progress.upto?.seen ?? null, progress.upto?.edge ?? null, String(progress.floor), String(progress.after), limit,
        epoch, !this.isNoted, this.slotMs,
      ]);
    });
  }

  private async open(epoch: Position): Promise<void> {
    this.forget();
    const row = await this.latest();
    if (row.moved) await this.startOver(epoch);
    const { seen, edge, floor, upto, upto_edge: uptoEdge, after, begun } = row.moved ? await this.latest() : row;
    this.progress = { seen, edge, floor: BigInt(floor), after: BigInt(after), upto: upto !== null && uptoEdge !== null ? { seen: upto, edge: uptoEdge } : undefined };
    this.begunUpTo = BigInt(begun);
    this.isNoted = true;
    this.epoch = epoch;
  }

  private async latest(): Promise<ProgressRow> {
    const rows = await this.database.query<ProgressRow>(
      `SELECT seen::text, edge::text, floor, upto::text, upto_edge::text, after, begun, cluster <> (SELECT system_identifier FROM pg_control_system()) AS moved
       FROM relay_progress ORDER BY id DESC LIMIT 1`,
    );
    if (!rows[0]) throw new Error(`"relay_progress" of "${this.database.context}" is empty; its migrations put a row there, and nothing takes the last one away.`);
    return rows[0];
  }

  /**
   * The schema came here from another server, by dump and restore: its transaction ids mean nothing here. What is
   * delivered goes, what is not becomes visible to every snapshot, and reading starts at the beginning.
   */
  private async startOver(epoch: Position): Promise<void> {
    await this.database.transaction(async () => {
      const held = await this.database.query('SELECT FROM relay_lease WHERE epoch = $1 FOR UPDATE', [epoch]);
      if (held.length === 0) return;
      await this.database.query('DELETE FROM outbox WHERE position NOT IN (SELECT position FROM outbox_unread)');
      await this.database.query(`UPDATE outbox SET xid = '3'`);
      await this.database.query(
        `INSERT INTO relay_progress SELECT ${slotNow('$1::float8')}, nextval('relay_progress_ids'), system_identifier, '3:3:', '3', 0, NULL, NULL, 0, 0 FROM pg_control_system()`,
        [this.slotMs],
      );
    });
  }
}
