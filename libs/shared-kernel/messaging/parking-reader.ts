import type { Database } from '../persistence/index.js';
import { SELECTED, parametersOf } from './parking-filter.js';
import type { EventState, EventStory, Happening, ParkedEvent, ParkedFilter, ParkedPlace } from './parking-words.js';

/** Reads what is parked in one context, and the story of any event that its inbox still has. */
export class ParkingReader {
  constructor(private readonly database: Database) {}

  /**
   * The first parked events after the place, by the time at which they were parked. What waits behind them is counted
   * along inbox_ready, once for the whole page.
   */
  async list(filter: ParkedFilter, limit: number, after?: ParkedPlace): Promise<ParkedEvent[]> {
    const { context } = this.database;
    const rows = await this.database.query<ListRow>(
      `WITH page AS (
         SELECT event_id, event_type, event_version, aggregate_id, attempts, last_error, received_at, position, coalesce(parked_at, received_at) AS since
         FROM inbox WHERE ${SELECTED}
           AND ($6::timestamptz IS NULL OR (coalesce(parked_at, received_at), $7::text, position) > ($6, $8::text, $9::bigint))
         ORDER BY since, position LIMIT $10
       ), behind AS (
         SELECT page.event_id, count(*)::integer AS behind FROM page
         JOIN inbox AS later ON later.aggregate_id = page.aggregate_id AND later.position > page.position AND later.status IN ('pending', 'waiting')
         GROUP BY page.event_id
       )
       SELECT event_id AS "eventId", event_type AS "eventType", event_version AS "eventVersion", aggregate_id AS key, attempts, coalesce(last_error, '') AS error,
         received_at AS "receivedAt", since AS "parkedAt", coalesce(behind, 0) AS behind, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, position::float8
       FROM page LEFT JOIN behind USING (event_id) ORDER BY since, position`,
      [...parametersOf(filter), after?.at ?? null, context, after?.context ?? null, after?.position ?? null, limit],
    );
    return rows.map(({ at, position, ...row }) => ({ ...row, context, place: { at, context, position } }));
  }

  /** Served by the primary keys; only what waits behind the event is counted along inbox_ready. */
  async find(eventId: string): Promise<EventStory | undefined> {
    const [row] = await this.database.query<StoryRow>(
      `SELECT event_id AS "eventId", event_type AS "eventType", event_version AS "eventVersion", aggregate_id AS key, status AS state, attempts, coalesce(last_error, '') AS error,
         received_at AS "receivedAt", CASE WHEN status = 'parked' THEN coalesce(parked_at, received_at) END AS "parkedAt", handled_at AS "handledAt", coalesce(failures, '[]') AS failures,
         aggregate_type AS "aggregateType", occurred_at AS "occurredAt", correlation_id AS "correlationId", causation_id AS "causationId", traceparent,
         CASE WHEN status = 'parked' THEN (SELECT count(*)::integer FROM inbox AS later
           WHERE later.aggregate_id = inbox.aggregate_id AND later.position > inbox.position AND later.status IN ('pending', 'waiting')) ELSE 0 END AS behind
       FROM inbox WHERE event_id = $1`,
      [eventId],
    );
    if (!row) return undefined;
    const { handledAt: _handledAt, failures: _failures, ...event } = row;
    return { ...event, context: this.database.context, history: historyOf(row, await this.changesOf(eventId)) };
  }

  private async changesOf(eventId: string): Promise<ChangeRow[]> {
    return this.database.query<ChangeRow>(
      `SELECT what, principal_id AS by, reason, changed_at AS at FROM parking_change_event JOIN parking_change USING (change) WHERE event_id = $1 ORDER BY change`,
      [eventId],
    );
  }
}

interface ListRow extends Omit<ParkedEvent, 'context' | 'place'> {
  readonly at: string;
  readonly position: number;
}

interface StoryRow extends Omit<EventStory, 'context' | 'history'> {
  readonly state: EventState;
  readonly handledAt: Date | null;
  readonly failures: readonly { readonly state: 'waiting' | 'parked'; readonly attempt: number; readonly error: string; readonly times: number; readonly at: string }[];
}

interface ChangeRow {
  readonly what: 'redrive' | 'discard';
  readonly by: string;
  readonly reason: string;
  readonly at: Date;
}

function historyOf({ receivedAt, handledAt, state, failures }: StoryRow, changes: readonly ChangeRow[]): Happening[] {
  const happened: Happening[] = [
    { is: 'received', at: receivedAt },
    ...failures.map(({ state: became, at, ...rest }): Happening => ({ is: became === 'parked' ? 'parked' : 'failed', at: new Date(at), ...rest })),
    ...changes.map(({ what, ...rest }): Happening => ({ is: what === 'redrive' ? 'redriven' : 'discarded', ...rest })),
    ...(state === 'done' && handledAt ? [{ is: 'handled', at: handledAt } as const] : []),
  ];
  return happened.sort((a, b) => a.at.getTime() - b.at.getTime());
}
