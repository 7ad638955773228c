import type { Database } from '../persistence/index.js';
import { ParkingChanges, type Recorded, recordOf, recorded } from './parking-changes.js';
import type { Changed, DiscardOrder, DiscardOutcome } from './parking-words.js';

/** The parked events of `$1`, and what runs when they are gone: what no other parked event of the key holds up. */
const MEANT = `meant AS (
    SELECT event_id, aggregate_id, position FROM inbox WHERE event_id = ANY($1::uuid[]) AND status = 'parked'
  ), outcome AS (
    SELECT (SELECT count(*)::integer FROM meant) AS events, count(*)::integer AS behind
    FROM inbox AS later WHERE later.status IN ('pending', 'waiting')
      AND EXISTS (SELECT FROM meant WHERE meant.aggregate_id = later.aggregate_id AND meant.position < later.position)
      AND NOT EXISTS (SELECT FROM inbox AS other WHERE other.aggregate_id = later.aggregate_id AND other.position < later.position
        AND other.status IN ('waiting', 'parked') AND other.status = 'parked' AND other.event_id <> ALL($1::uuid[]))
  )`;

/**
 * Takes parked events out for good. The rows stay until the retention ends, so that a redelivery is not handled either;
 * who did it and why stays for ever.
 */
export class Discard {
  private readonly changes: ParkingChanges;

  constructor(private readonly database: Database) {
    this.changes = new ParkingChanges(database);
  }

  /** What a discard would do. */
  async preview(ids: readonly string[]): Promise<DiscardOutcome> {
    const [row] = await this.database.query<{ outcome: DiscardOutcome }>(`WITH ${MEANT} SELECT to_jsonb(outcome) AS outcome FROM outcome`, [ids]);
    if (!row) throw new Error('An aggregate without groups has one row.');
    return row.outcome;
  }

  /** @param freed called after the commit with the lanes that may have something to do */
  async run(order: DiscardOrder, freed: (lanes: readonly number[]) => void): Promise<Changed<DiscardOutcome>> {
    return this.changes.once(order, async () => {
      const [row] = await this.database.query<Recorded<DiscardOutcome>>(
        `WITH ${MEANT}, touched AS (
           UPDATE inbox SET status = 'discarded', handled_at = clock_timestamp() WHERE event_id IN (SELECT event_id FROM meant)
           RETURNING event_id, lane, event_type, aggregate_id, attempts, last_error
         ), ${recorded(2)}`,
        [order.ids, ...recordOf(order, 'discard')],
      );
      if (!row) throw new Error('A record that was inserted has one row.');
      this.database.afterCommit(() => freed(row.lanes));
      return row.outcome;
    });
  }
}
