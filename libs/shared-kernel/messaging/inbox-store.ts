import type { EventEnvelope } from '../contract/index.js';
import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { laneOf } from './key.js';
import { type ReceivedMessage, idOf, isRefusedContent, keyOf, unreadable } from './message.js';
import { PLANNED_AS_USUAL, PLANNED_BY_INDEX } from './planning.js';

const log = logger('messaging');

/** A message to be stored; `begun` if handling it may have been begun before. */
export type ToStore = ReceivedMessage & { readonly begun?: boolean };

/** The table `inbox` of one context, as messages come into it. */
export class InboxStore {
  constructor(private readonly database: Database) {}

  /** Stores messages in this order, to be handled or parked; what is already known is skipped. Keeps what the database refuses as text. */
  async store(messages: readonly ToStore[]): Promise<void> {
    try {
      await this.insert(messages);
    } catch (error) {
      if (!isRefusedContent(error)) throw error;
      await this.storeOneByOne(messages);
    }
  }

  /** Those of the events that are known here, by ids in lower case. */
  async known(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ event_id: string }>(
      'SELECT event_id FROM inbox WHERE event_id = ANY($1::uuid[]) UNION ALL SELECT event_id FROM inbox_handled WHERE event_id = ANY($1::uuid[])', [ids],
    );
    return new Set(rows.map((it) => it.event_id));
  }

  /** The database refuses something in the batch, for example a NUL inside a text: find it and keep it as text. */
  private async storeOneByOne(messages: readonly ToStore[]): Promise<void> {
    for (const message of messages) {
      try {
        await this.insert([message]);
      } catch (error) {
        if (!isRefusedContent(error)) throw error;
        await this.insert([unreadable(message.text, `The database cannot hold the message: ${error.message}`)]);
      }
    }
  }

  /**
   * One statement, one commit. Rows are inserted in the order given, also when two relays send overlapping batches at
   * once: the second waits at the first row they share until the first commits. What is just being handled on arrival
   * is not known yet and is stored; the lane finds it handled when it gets there.
   */
  private async insert(messages: readonly ToStore[]): Promise<void> {
    const rows = messages.map(rowOf);
    const column = <K extends keyof InboxRow>(name: K) => rows.map((it) => it[name]);
    const stored = await this.byIndex<{ event_id: string; last_error: string | null }>(
      `INSERT INTO inbox (event_id, lane, status, attempts, aggregate_id, last_error, unreadable, event_type, event_version, occurred_at, aggregate_type, correlation_id, causation_id, traceparent, payload)
       SELECT event_id, lane, CASE WHEN unreadable IS NULL THEN 'pending' ELSE 'parked' END, attempts, aggregate_id, last_error, unreadable, event_type, event_version, occurred_at, aggregate_type, correlation_id, causation_id, traceparent, payload::jsonb
       FROM unnest($1::uuid[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::timestamptz[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::integer[])
         WITH ORDINALITY AS message (event_id, lane, aggregate_id, last_error, unreadable, event_type, event_version, occurred_at, aggregate_type, correlation_id, causation_id, traceparent, payload, attempts, ordinal)
       WHERE NOT EXISTS (SELECT FROM inbox_handled WHERE inbox_handled.event_id = message.event_id)
       ORDER BY ordinal
       ON CONFLICT (event_id) DO NOTHING
       RETURNING event_id, last_error`,
      [
        column('eventId'), column('lane'), column('key'), column('reason'), column('unreadable'), column('eventType'), column('eventVersion'), column('occurredAt'),
        column('aggregateType'), column('correlationId'), column('causationId'), column('traceparent'), column('payload'), column('attempts'),
      ],
    );
    for (const { event_id: eventId, last_error: reason } of stored) {
      if (reason !== null) log.error({ context: this.database.context, eventId, reason }, 'A message was parked before any handler saw it.');
    }
  }

  private byIndex<Row>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    return this.database.transaction(async () => {
      this.database.post(PLANNED_BY_INDEX);
      const rows = await this.database.query<Row>(sql, params);
      this.database.post(PLANNED_AS_USUAL);
      return rows;
    });
  }
}

type Nullable<T> = { readonly [K in keyof T]: T[K] | null };

/** One row of `inbox` as it arrives. */
interface InboxRow extends Nullable<Omit<EventEnvelope, 'payload' | 'aggregateId' | 'eventId'>> {
  readonly eventId: string;
  readonly lane: number;
  readonly key: string;
  readonly attempts: number;
  readonly reason: string | null;
  /** The message itself when it cannot be read, as a JSON text, in which every character can be stored. */
  readonly unreadable: string | null;
  readonly payload: string | null;
}

const nothing = {
  attempts: 0, reason: null, unreadable: null, eventType: null, eventVersion: null, occurredAt: null,
  aggregateType: null, correlationId: null, causationId: null, traceparent: null, payload: null,
};

function rowOf(message: ToStore): InboxRow {
  const place = { eventId: idOf(message), key: keyOf(message), lane: laneOf(keyOf(message)) };
  if (message.is === 'unreadable') return { ...nothing, ...place, reason: message.reason, unreadable: JSON.stringify(message.text) };
  const { payload, aggregateId: _key, eventId: _id, ...head } = message.envelope;
  return { ...nothing, ...head, ...place, attempts: message.begun ? 1 : 0, payload: JSON.stringify(payload ?? null) };
}
