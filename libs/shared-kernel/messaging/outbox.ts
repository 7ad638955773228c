import type { EventEnvelope } from '../contract/index.js';
import type { Database } from '../persistence/index.js';
import { type EnvelopeRow, envelopeOf } from './envelope-row.js';

/** An event as it is stored: the payload is serialised at once, so that what changes later does not leak into it. */
export type AnnouncedEvent = Omit<EventEnvelope, 'payload'> & { readonly payload: string };

/** A bigint: a number where that is exact, else its decimal text. */
export type Position = number | string;

export interface OutboxEntry {
  readonly position: Position;
  readonly envelope: EventEnvelope;
}

/** The table `outbox` of one context: announced and not yet with every subscriber. */
export class Outbox {
  constructor(private readonly database: Database) {}

  /** Stores events as the open transaction's last statement, positions in the order given. */
  append(events: readonly AnnouncedEvent[]): void {
    const column = <K extends keyof AnnouncedEvent>(name: K) => events.map((it) => it[name]);
    this.database.post(
      `INSERT INTO outbox (event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload)
       SELECT event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload::jsonb
       FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::timestamptz[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[])
         WITH ORDINALITY AS announced (event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload, ordinal)
       ORDER BY ordinal`,
      [
        column('eventId'), column('eventType'), column('eventVersion'), column('occurredAt'), column('aggregateType'),
        column('aggregateId'), column('correlationId'), column('causationId'), column('traceparent'), column('payload'),
      ],
    );
  }

  /** The events with the lowest positions, lowest first; served by the primary key. */
  async lowest(limit: number): Promise<OutboxEntry[]> {
    const rows = await this.database.query<EnvelopeRow & { position: Position }>(
      `SELECT position, event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload
       FROM outbox ORDER BY position LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ position: row.position, envelope: envelopeOf(row) }));
  }

  /**
   * Removes delivered events, if the lease is still of this epoch, and renews it: fence, renewal and removal are one
   * statement. The update locks the lease's row, so a new leader's claim comes before it (then nothing is removed)
   * or after it.
   * @returns false when another leader has taken over; then nothing was removed
   */
  async remove(positions: readonly Position[], epoch: Position, leaseMs: number): Promise<boolean> {
    const rows = await this.database.query<{ fenced: boolean }>(
      `WITH lease AS (
         UPDATE relay_lease SET expires_at = clock_timestamp() + $3 * interval '1 millisecond' WHERE epoch = $2 RETURNING epoch
       ), removed AS (
         DELETE FROM outbox USING unnest($1::bigint[]) AS delivered (position)
         WHERE outbox.position = delivered.position AND EXISTS (SELECT FROM lease)
       )
       SELECT NOT EXISTS (SELECT FROM lease) AS fenced`,
      [positions, epoch, leaseMs],
    );
    return rows[0]?.fenced === false;
  }
}
