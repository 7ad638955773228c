import type { Database } from '../persistence/index.js';
import { PLANNED_AS_USUAL, PLANNED_BY_INDEX } from './planning.js';
import { SLOTS, type SlotNumber } from './slots.js';

/** What the database says to a batch of arrivals. */
export interface Admission {
  /** Those that nobody has handled or stored before; noted as handled by the open transaction. */
  readonly fresh: ReadonlySet<string>;
  /** Does the inbox hold any event that is not finished? */
  readonly isBusy: boolean;
  /** The database's clock. */
  readonly now: Date;
}

/** The table `inbox_handled` of one context: the events that were handled when they arrived. */
export class HandledStore {
  /** The slot that is written to; `Rotation` sets it. May lag behind: whoever looks an event up looks into all of them. */
  slot: SlotNumber = 0;

  constructor(private readonly database: Database) {}

  /**
   * Makes the open transaction the only one that works on these lanes, in whatever process; see `LaneStore.lock`.
   * @returns false when somebody else has one of them
   */
  async lock(lanes: readonly number[]): Promise<boolean> {
    const [row] = await this.database.query<{ locked: boolean }>(
      `SELECT bool_and(pg_try_advisory_xact_lock(hashtext('banyan.inbox.' || current_schema()), lane)) AS locked FROM unnest($1::integer[]) AS lane`, [lanes],
    );
    return row?.locked === true;
  }

  /**
   * Notes those of the events as handled that are not known here. To be asked for under the locks of their lanes, in a
   * statement after the one that took them: then nobody else can be noting the same event, in whatever slot.
   * Served by the primary keys alone.
   * @param ids each once, in lower case
   */
  async admit(ids: readonly string[]): Promise<Admission> {
    const others = SLOTS.filter((it) => it !== this.slot).map((it) => `AND NOT EXISTS (SELECT FROM inbox_handled_${it} WHERE event_id = id)`);
    this.database.post(PLANNED_BY_INDEX);
    const answer = this.database.query<{ count: number; fresh: string[] | null; isBusy: boolean; now: Date }>(
      `WITH fresh AS (
         INSERT INTO inbox_handled_${this.slot} (event_id)
         SELECT id FROM unnest($1::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM inbox WHERE event_id = id) ${others.join(' ')}
         ON CONFLICT DO NOTHING RETURNING event_id
       )
       SELECT count(*)::integer AS count, CASE WHEN count(*) < cardinality($1::uuid[]) THEN array_agg(event_id::text) END AS fresh,
         EXISTS (SELECT FROM inbox WHERE status IN ('pending', 'waiting')) OR EXISTS (SELECT FROM inbox WHERE status IN ('waiting', 'parked')) AS "isBusy",
         clock_timestamp() AS now
       FROM fresh`,
      [`{${ids.join(',')}}`],
    );
    this.database.post(PLANNED_AS_USUAL);
    const [row] = await answer;
    if (!row) throw new Error('An aggregate without groups has one row.');
    return { fresh: new Set(row.count === ids.length ? ids : row.fresh), isBusy: row.isBusy, now: row.now };
  }

  /** Takes events back that the open transaction has noted and does not handle after all. */
  async takeBack(ids: readonly string[]): Promise<void> {
    await this.database.query('DELETE FROM inbox_handled WHERE event_id = ANY($1::uuid[])', [ids]);
  }

  /** Those of the keys that have an event in the inbox which is not finished; served by inbox_ready and inbox_held. */
  async held(keys: readonly string[], lanes: readonly number[]): Promise<Set<string>> {
    const rows = await this.database.query<{ key: string }>(
      `SELECT aggregate_id AS key FROM inbox WHERE lane = ANY($2::smallint[]) AND status IN ('pending', 'waiting') AND aggregate_id = ANY($1::text[])
       UNION SELECT aggregate_id FROM inbox WHERE status IN ('waiting', 'parked') AND aggregate_id = ANY($1::text[])`,
      [keys, lanes],
    );
    return new Set(rows.map((row) => row.key));
  }
}
