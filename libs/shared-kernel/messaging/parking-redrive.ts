import { InvalidInput } from '../contract/index.js';
import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { laneOf } from './key.js';
import { isRefusedContent, parseEnvelope } from './message.js';
import { ParkingChanges, type Recorded, recordOf, recorded } from './parking-changes.js';
import { SELECTED, parametersOf } from './parking-filter.js';
import type { Changed, ParkedFilter, RedriveOrder, RedriveOutcome } from './parking-words.js';

const log = logger('messaging');

/**
 * What a redrive takes: whole keys, since a key is only in order as a whole. `$6` names keys beside those of the
 * filter, `$7` is how many events begin per second. Keys begin in the order in which their first event arrived, each
 * when those before it have had their time. What waits behind is counted along inbox_ready.
 */
const PACED = `chosen AS (
    SELECT aggregate_id AS key FROM inbox WHERE ${SELECTED}
    UNION SELECT aggregate_id FROM inbox WHERE status IN ('waiting', 'parked') AND status = 'parked' AND aggregate_id = ANY($6::text[])
  ), line AS (
    SELECT aggregate_id AS key, min(position) AS first, count(*) FILTER (WHERE unreadable IS NULL) AS events, count(unreadable) AS unreadable
    FROM inbox JOIN chosen ON aggregate_id = key WHERE status IN ('waiting', 'parked') AND status = 'parked' GROUP BY aggregate_id
  ), behind AS (
    SELECT aggregate_id AS key, count(*) AS behind FROM inbox WHERE status IN ('pending', 'waiting') AND aggregate_id IN (SELECT key FROM line) GROUP BY aggregate_id
  ), paced AS (
    SELECT key, first, events, unreadable, coalesce(behind, 0) AS behind,
      coalesce(sum(events + coalesce(behind, 0)) OVER (ORDER BY first ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) / $7::numeric AS starts
    FROM line LEFT JOIN behind USING (key)
  ), outcome AS (
    SELECT count(*)::integer AS keys, coalesce(sum(events), 0)::integer AS events, coalesce(sum(behind), 0)::integer AS behind,
      coalesce(sum(unreadable), 0)::integer AS unreadable, coalesce(max(starts), 0)::float8 AS seconds FROM paced
  )`;

/**
 * Lets parked keys run again, with a clean slate and at a pace. There is no process that does it: every freed event is
 * given the time from which it may run, and the lanes find it then. So it is one transaction, outlives whoever asked
 * for it, and any process may carry it on.
 */
export class Redrive {
  private readonly changes: ParkingChanges;

  constructor(private readonly database: Database) {
    this.changes = new ParkingChanges(database);
  }

  /** What a redrive would do. Messages that cannot be read are counted as they are; a redrive first tries to read them. */
  async preview(filter: ParkedFilter, perSecond: number): Promise<RedriveOutcome> {
    const [row] = await this.database.query<{ outcome: RedriveOutcome }>(`WITH ${PACED} SELECT to_jsonb(outcome) AS outcome FROM outcome`, [...parametersOf(filter), [], perSecond]);
    if (!row) throw new Error('An aggregate without groups has one row.');
    return row.outcome;
  }

  /** @param freed called after the commit with the lanes that may have something to do */
  async run(order: RedriveOrder, freed: (lanes: readonly number[]) => void): Promise<Changed<RedriveOutcome>> {
    const { filter, perSecond } = order;
    const keys = await this.readAgain(filter);
    return this.changes.once(order, async () => {
      const [row] = await this.database.query<Recorded<RedriveOutcome>>(
        `WITH ${PACED}, held AS (
           SELECT event_id, attempts AS tries, starts FROM inbox JOIN paced ON aggregate_id = key
           WHERE status IN ('waiting', 'parked') AND status = 'parked' AND inbox.unreadable IS NULL
         ), touched AS (
           UPDATE inbox SET status = CASE WHEN starts = 0 THEN 'pending' ELSE 'waiting' END, attempts = 0, delay_ms = 0,
             next_attempt_at = CASE WHEN starts = 0 THEN '-infinity' ELSE clock_timestamp() + starts * interval '1 second' END
           FROM held WHERE inbox.event_id = held.event_id
           RETURNING inbox.event_id, lane, event_type, aggregate_id, tries AS attempts, last_error
         ), ${recorded(8)}`,
        [...parametersOf(filter), keys, perSecond, ...recordOf(order, 'redrive')],
      );
      if (!row) throw new Error('A record that was inserted has one row.');
      this.database.afterCommit(() => freed(row.lanes));
      return row.outcome;
    });
  }

  /**
   * Messages that were unreadable may be readable to this version. They stay parked, and keep their place in the line.
   * Each in a statement of its own, before the redrive and whether or not it comes: none of them can spoil it.
   * @returns the keys of those that can be read now, which the message itself may not have told before
   */
  private async readAgain(filter: ParkedFilter): Promise<string[]> {
    const rows = await this.database.query<{ id: string; unreadable: string }>(
      `SELECT event_id AS id, unreadable FROM inbox WHERE status IN ('waiting', 'parked') AND status = 'parked' AND unreadable IS NOT NULL
         AND aggregate_id IN (SELECT aggregate_id FROM inbox WHERE ${SELECTED}) ORDER BY position`,
      parametersOf(filter),
    );
    const keys: string[] = [];
    for (const { id, unreadable } of rows) {
      try {
        keys.push(await this.adopt(id, JSON.parse(unreadable) as string));
      } catch (error) {
        if (!(error instanceof InvalidInput || error instanceof SyntaxError || isRefusedContent(error))) throw error;
        log.warn({ context: this.database.context, eventId: id, err: error }, 'A parked message still cannot be read.');
      }
    }
    return keys;
  }

  /** @throws InvalidInput and others when the message still is no envelope that can be stored */
  private async adopt(id: string, text: string): Promise<string> {
    const { eventId, eventType, eventVersion, occurredAt, aggregateType, aggregateId, correlationId, causationId, traceparent, payload } = parseEnvelope(text);
    // The intact message may have arrived by another way; then this one is its double.
    await this.database.query(
      `WITH known AS (SELECT EXISTS (SELECT FROM inbox WHERE event_id = $2) AS already)
       UPDATE inbox SET
         status = CASE WHEN already THEN 'discarded' ELSE 'parked' END, handled_at = CASE WHEN already THEN clock_timestamp() END,
         event_id = CASE WHEN already THEN inbox.event_id ELSE $2 END, unreadable = CASE WHEN already THEN unreadable END, last_error = NULL,
         event_type = $3, event_version = $4, occurred_at = $5, aggregate_type = $6, aggregate_id = $7, lane = $8,
         correlation_id = $9, causation_id = $10, traceparent = $11, payload = $12::text::jsonb
       FROM known WHERE inbox.event_id = $1 AND inbox.status = 'parked'`,
      [id, eventId, eventType, eventVersion, occurredAt, aggregateType, aggregateId, laneOf(aggregateId), correlationId, causationId, traceparent, JSON.stringify(payload ?? null)],
    );
    return aggregateId;
  }
}
