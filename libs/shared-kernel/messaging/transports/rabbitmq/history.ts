import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { wallClock } from '../../../runtime/index.js';
import { readMessage } from '../../message.js';
import type { EventInbox, History, Past, Refill } from '../../transport.js';
import { type Delivery, fromLane } from './delivery.js';
import { isMarker } from './markers.js';
import type { Topology } from './topology.js';

/** The first message of a stream: from when on it knows everything, and whether there was something before. */
const BIRTH = 'application/vnd.banyan.stream-begins';

/** Says in the stream itself when it began; before the stream is bound to anything. */
export async function noteBirth(connection: ChannelModel, stream: string, past: Past): Promise<void> {
  const headers = { past: await past.isEmpty() ? 'none' : 'some', bypassed: String(await past.bypassedAt()) };
  const channel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  channel.publish('', stream, Buffer.alloc(0), { persistent: true, contentType: BIRTH, headers, timestamp: Math.floor(wallClock.now().getTime() / 1_000) });
  await channel.waitForConfirms();
  await channel.close();
}

/** What the stream lacks; undefined: it knows of every event that there ever was. There has to be something in it. */
export async function lackOf(connection: ChannelModel, stream: string, past: Past): Promise<History['lacks']> {
  const { properties, content } = await firstOf(connection, stream);
  const { contentType, headers, timestamp } = properties as { contentType?: unknown; headers?: Readonly<Record<string, unknown>>; timestamp?: unknown };
  const isWhole = contentType === BIRTH && headers?.['x-stream-offset'] === 0;
  const bypassed = await past.bypassedAt();
  if (isWhole && headers['past'] !== 'none') return `the stream "${stream}" began at ${instant(timestamp)}, and events had been announced before that.`;
  if (isWhole && bypassed > Number(headers['bypassed'])) return `the app ran with EVENT_BUS=in-process until ${instant(bypassed / 1_000)}, and no event of that time came into the stream "${stream}".`;
  if (isWhole) return undefined;
  const first = readMessage(content.toString());
  return `the oldest event that the stream "${stream}" still has ${first.is === 'event' ? `is of ${first.envelope.occurredAt}` : 'cannot be told'}; older ones were dropped after their time.`;
}

/** The reading of the stream for one context, up to where it ended when that began. */
export class Replay {
  /** Takes in only as long as nobody else has taken the rebuild over. */
  readonly inbox: EventInbox;
  /** So many events were stored, or were known. */
  events = 0;
  /** When the first of them occurred. */
  oldest: string | undefined;

  /** @param parts `end`: the id of the marker that was put where the stream ended */
  constructor(private readonly parts: { readonly topology: Topology; readonly inbox: EventInbox; readonly refill: Refill; readonly end: string }) {
    const { inbox, refill } = parts;
    this.inbox = {
      context: inbox.context,
      eventTypes: inbox.eventTypes,
      isOnDuty: true,
      receive: async (messages, wasBegun) => {
        await refill.confirm();
        await inbox.receive(messages, wasBegun);
        this.count(messages);
      },
      park: async (messages) => {
        await refill.confirm();
        await inbox.park(messages);
      },
    };
  }

  /** What the context's lanes would have got, and the marker at the end. */
  readonly read = (message: ConsumeMessage): Delivery => {
    const { topology, inbox, refill, end } = this.parts;
    if (isMarker(message)) return { is: message.properties.correlationId === end ? 'marker' : 'foreign', message };
    const eventType = topology.eventTypeOf(message.fields.routingKey);
    if (eventType === undefined || !inbox.eventTypes.has(eventType)) return { is: 'foreign', message };
    const delivery = fromLane(message);
    return delivery.is === 'event' ? { ...delivery, wasBegun: refill.isResumed } : delivery;
  };

  private count(messages: readonly string[]): void {
    const first = this.events === 0 ? readMessage(messages[0] ?? '') : undefined;
    if (first?.is === 'event') this.oldest = first.envelope.occurredAt;
    this.events += messages.length;
  }
}

async function firstOf(connection: ChannelModel, stream: string): Promise<ConsumeMessage> {
  const channel = await connection.createChannel();
  const { promise, resolve, reject } = Promise.withResolvers<ConsumeMessage>();
  channel.on('error', reject);
  await channel.prefetch(1);
  await channel.consume(stream, (message) => (message ? resolve(message) : reject(new Error(`The stream ${stream} was deleted.`))), { arguments: { 'x-stream-offset': 'first' } });
  const first = await promise;
  await channel.close();
  return first;
}

function instant(seconds: unknown): string {
  return typeof seconds === 'number' ? new Date(seconds * 1_000).toISOString() : 'an unknown time';
}
