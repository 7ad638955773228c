import type { Database } from '../persistence/index.js';

/** What the bus of one context has on its hands. */
export interface MessagingFigures {
  readonly context: string;
  /** Announced, not yet with every subscriber. */
  readonly outbox: number;
  /** Received and free to run. */
  readonly ready: number;
  /** Failed and to be tried again by itself later, with what waits behind it. */
  readonly waiting: number;
  /** Waiting for an operator, with what waits behind it. */
  readonly parked: number;
  /** Seconds since the oldest event that is neither handled nor parked was announced or received; 0 when there is none. */
  readonly oldestSeconds: number;
  /** Why this process holds back the context's handlers, for example a dependency that is away. */
  readonly paused: string | undefined;
  /** Whether this process relays the context's events, as far as it knows. */
  readonly isLeader: boolean;
}

export type StoredFigures = Omit<MessagingFigures, 'context' | 'paused' | 'isLeader'> & {
  /** The last positions given out: while they stay the same, nothing was announced or received. */
  readonly announcedUpTo: string | null;
  readonly receivedUpTo: string | null;
};

/**
 * Counts in one statement, so on one state of the tables: an event that is just being handled shows as not handled
 * or shows in what it caused, never as neither. Served by inbox_ready and inbox_held; handled events are not read.
 */
export async function readFigures(database: Database): Promise<StoredFigures> {
  const rows = await database.query<StoredFigures>(
    `WITH unfinished AS (
       SELECT aggregate_id, position, status, next_attempt_at, received_at FROM inbox WHERE status IN ('pending', 'waiting')
       UNION ALL
       SELECT aggregate_id, position, status, next_attempt_at, received_at FROM inbox WHERE status IN ('waiting', 'parked') AND status = 'parked'
     ), judged AS (
       SELECT event.received_at,
         event.status = 'parked' OR coalesce(bool_or(earlier.status = 'parked'), false) AS parked,
         event.next_attempt_at > statement_timestamp() OR coalesce(bool_or(earlier.next_attempt_at > statement_timestamp()), false) AS waiting
       FROM unfinished AS event
       LEFT JOIN inbox AS earlier ON earlier.aggregate_id = event.aggregate_id AND earlier.position < event.position AND earlier.status IN ('waiting', 'parked')
       GROUP BY event.aggregate_id, event.position, event.status, event.next_attempt_at, event.received_at
     ), inbox_figures AS (
       SELECT count(*) FILTER (WHERE parked)::integer AS parked,
         count(*) FILTER (WHERE waiting AND NOT parked)::integer AS waiting,
         count(*) FILTER (WHERE NOT waiting AND NOT parked)::integer AS ready,
         min(received_at) FILTER (WHERE NOT parked) AS oldest
       FROM judged
     ), outbox_figures AS (
       SELECT count(*)::integer AS outbox, min(occurred_at) AS oldest FROM outbox_unread
     )
     SELECT outbox, ready, waiting, parked,
       coalesce(greatest(0, extract(epoch FROM statement_timestamp() - least(inbox_figures.oldest, outbox_figures.oldest))), 0)::float8 AS "oldestSeconds",
       pg_sequence_last_value('outbox_positions')::text AS "announcedUpTo",
       pg_sequence_last_value(pg_get_serial_sequence('inbox', 'position'))::text AS "receivedUpTo"
     FROM inbox_figures, outbox_figures`,
  );
  const [figures] = rows;
  if (!figures) throw new Error('An aggregate without groups has one row.');
  return figures;
}
