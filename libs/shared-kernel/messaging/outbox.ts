import type { AnnouncedEvent, Database } from '../persistence/index.js';
import { slotNow } from './slots.js';

/** A bigint: a number where that is exact, else its decimal text. */
export type Position = number | string;

/** The table `outbox` of one context: its log of announced events. `LogReader` reads it, `Rotation` empties it. */
export class Outbox {
  /** @param slotMs how long a slot is written to */
  constructor(private readonly database: Database, private readonly slotMs: number) {}

  /**
   * Stores events as the open transaction's last statement, positions in the order given. The transaction gets its id
   * before it draws the first position, whatever the planner does.
   */
  append(events: readonly AnnouncedEvent[]): void {
    this.database.witness?.announced(events);
    const column = <K extends keyof AnnouncedEvent>(name: K) => events.map((it) => it[name]);
    this.database.post(
      `WITH writer AS MATERIALIZED (SELECT pg_current_xact_id() AS xid, ${slotNow('$11::float8')} AS slot)
       INSERT INTO outbox (slot, xid, position, event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload)
       SELECT slot, xid, nextval('outbox_positions'), event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload::jsonb
       FROM (SELECT * FROM writer, unnest($1::uuid[], $2::text[], $3::integer[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
         WITH ORDINALITY AS announced (event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload, ordinal)
         ORDER BY ordinal) AS announced`,
      [
        column('eventId'), column('eventType'), column('eventVersion'), column('occurredAt'), column('aggregateType'),
        column('aggregateId'), column('correlationId'), column('causationId'), column('traceparent'), column('payload'), this.slotMs,
      ],
    );
  }
}
