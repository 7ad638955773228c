import { crc32 } from 'node:zlib';
import type { Channel, ChannelModel, Options } from 'amqplib';
import type { EventEnvelope } from '../../../contract/index.js';
import type { EventInbox, Past } from '../../transport.js';
import { messageOf, replyCodeOf } from './connect.js';
import { TopologyDrift } from './errors.js';
import { noteBirth } from './history.js';

/**
 * Lanes per subscribing context. Producers and consumers in every process must agree on it, and a different number
 * moves keys between queues: to change it, drain all queues first.
 */
const LANES = 4;

/**
 * How often a message may come back before it is moved to the context's dead queue. Each time a process or connection
 * dies before the message is stored counts, so it is far above what outages cause and only stops a message that kills
 * whoever takes it. Said explicitly: RabbitMQ 4 drops after 20 by itself.
 */
const DELIVERY_LIMIT = 100;

/**
 * RabbitMQ drops a stream's events by whole segments, and only those that are full. The default of 500 MB would keep the
 * events of a small shop, and what they say about people, for years beyond their time.
 */
const SEGMENT_BYTES = 20_000_000;

/** For the dead queue, from which nothing may ever be dropped. */
const NO_LIMIT = 2 ** 31 - 1;

/** Reply codes of AMQP. */
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 406;

/** The names of everything that an app has in the broker. */
export class Topology {
  readonly exchange: string;
  /** Where every event is kept for a while, if there is such a thing. */
  readonly stream: string;

  /** @param streamDays how long every event is kept in the stream; undefined: there is none */
  constructor(private readonly namespace: string, private readonly streamDays?: number) {
    this.exchange = `${namespace}.events`;
    this.stream = `${namespace}.history`;
  }

  /** `ordering.order-placed.3`: matched by `ordering.order-placed.#` and `ordering.#`. */
  routingKey({ eventType, aggregateId }: Pick<EventEnvelope, 'eventType' | 'aggregateId'>): string {
    return `${eventType}.${crc32(aggregateId) % LANES}`;
  }

  /** The type of an event with that routing key; undefined: no lane gets it. */
  eventTypeOf(routingKey: string): string | undefined {
    const dot = routingKey.lastIndexOf('.');
    const type = routingKey.slice(0, dot);
    return Array.from({ length: LANES }, (_, lane) => `${type}.${lane}`).includes(routingKey) ? type : undefined;
  }

  lanesOf(context: string): string[] {
    return Array.from({ length: LANES }, (_, lane) => this.laneOf(context, lane));
  }

  /** Where what the lanes could not deliver waits to be parked. */
  deadQueueOf(context: string): string {
    return `${this.namespace}.${context}.dead`;
  }

  /**
   * Declares what the subscribed contexts need; what is there already stays.
   * @param past for a stream that may begin now; left out, the stream is left to another connection, for who has once
   *   published cannot consume either when the broker runs out of memory
   * @throws TopologyDrift naming everything that is there with other arguments; the rest is declared all the same
   */
  async declare(connection: ChannelModel, inboxes: readonly EventInbox[], past?: Past): Promise<void> {
    const drifts: string[] = [];
    let channel = await quietChannel(connection);
    for (const step of this.steps(connection, inboxes, past)) {
      try {
        await step(channel);
      } catch (error) {
        if (replyCodeOf(error) !== PRECONDITION_FAILED) throw error;
        drifts.push(this.driftOf(messageOf(error)));
        // A refusal costs the channel.
        channel = await quietChannel(connection);
      }
    }
    await channel.close();
    if (drifts.length > 0) throw new TopologyDrift(`RabbitMQ has other queues or exchanges than this version works with:\n${drifts.map((it) => `  - ${it}`).join('\n')}\n${REMEDY}`);
  }

  private *steps(connection: ChannelModel, inboxes: readonly EventInbox[], past: Past | undefined): Generator<(channel: Channel) => Promise<void>> {
    yield async (channel) => { await channel.assertExchange(this.exchange, 'topic', { durable: true }); };
    const { streamDays } = this;
    // Before the lanes: whatever they get, the stream has too.
    if (past && streamDays !== undefined) yield (channel) => this.declareStream(connection, channel, streamDays, past);
    for (const inbox of inboxes) {
      yield async (channel) => { await channel.assertQueue(this.deadQueueOf(inbox.context), deadQueue); };
      for (let lane = 0; lane < LANES; lane += 1) yield (channel) => this.declareLane(channel, inbox, lane);
    }
  }

  /** Its first message is the note of its birth: it is bound only after that. */
  private async declareStream(connection: ChannelModel, channel: Channel, days: number, past: Past): Promise<void> {
    const isThere = (await existing(connection, [this.stream])).has(this.stream);
    await channel.assertQueue(this.stream, streamQueue(days));
    if (!isThere) await noteBirth(connection, this.stream, past);
    await channel.bindQueue(this.stream, this.exchange, '#');
  }

  /** Turns "inequivalent arg 'x' for queue 'q' in vhost '/': received 'a' but current is 'b'" into a sentence about q. */
  private driftOf(refusal: string): string {
    const found = /inequivalent arg '(?<argument>[^']+)' for (?<what>queue|exchange) '(?<name>[^']+)' in vhost '[^']*': received (?<wanted>.+?) but current is (?<current>[^"]+)/.exec(refusal)?.groups;
    if (!found) return refusal;
    const { argument, what, name, wanted, current } = found;
    const kept = name === this.stream ? ' It is the history itself: rather set EVENT_STREAM_DAYS back. Deleted, it begins anew, from now on.' : '';
    return `The ${what} "${name}" has ${argument} = ${plain(current)}; this version declares ${plain(wanted)}.${kept}`;
  }

  private async declareLane(channel: Channel, { context, eventTypes }: EventInbox, lane: number): Promise<void> {
    const queue = this.laneOf(context, lane);
    await channel.assertQueue(queue, laneQueue(this.deadQueueOf(context)));
    for (const eventType of eventTypes) await channel.bindQueue(queue, this.exchange, `${eventType}.${lane}`);
  }

  private laneOf(context: string, lane: number): string {
    return `${this.namespace}.${context}.lane-${lane}`;
  }
}

/** Do any of these queues have a consumer? They have to exist. */
export async function areServed(connection: ChannelModel, queues: readonly string[]): Promise<boolean> {
  const channel = await quietChannel(connection);
  const answers = await Promise.all(queues.map((it) => channel.checkQueue(it)));
  await channel.close();
  return answers.some((it) => it.consumerCount > 0);
}

/** Which of these queues there are, without making or changing any. */
export async function existing(connection: ChannelModel, queues: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  let channel = await quietChannel(connection);
  for (const queue of queues) {
    try {
      await channel.checkQueue(queue);
      found.add(queue);
    } catch (error) {
      if (replyCodeOf(error) !== NOT_FOUND) throw error;
      channel = await quietChannel(connection);
    }
  }
  await channel.close();
  return found;
}

/** Replicated, one consumer at a time in order, and what cannot be delivered is moved with a confirm of its own. */
function laneQueue(deadQueue: string): Options.AssertQueue {
  return {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-single-active-consumer': true,
      'x-delivery-limit': DELIVERY_LIMIT,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': deadQueue,
      // Both are needed for a dead letter to stay until the dead queue has it.
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  };
}

const deadQueue: Options.AssertQueue = {
  durable: true,
  arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true, 'x-delivery-limit': NO_LIMIT },
};

function streamQueue(days: number): Options.AssertQueue {
  return { durable: true, arguments: { 'x-queue-type': 'stream', 'x-max-age': `${days}D`, 'x-stream-max-segment-size-bytes': SEGMENT_BYTES } };
}

const REMEDY = 'RabbitMQ cannot change them. Run the app with EVENT_BUS=in-process and this AMQP_URL until it has fetched what is left, stop it, '
  + 'delete what is named above (rabbitmqctl delete_queue NAME), and start again: it is declared anew. See docs/guides/rabbitmq.md.';

function plain(value: string | undefined): string {
  return (value ?? '').replace(/^the value '(.*)' of type '.*'$/, '$1').replaceAll("'", '') || '""';
}

async function quietChannel(connection: ChannelModel): Promise<Channel> {
  const channel = await connection.createChannel();
  // Whoever called hears of it; without a listener it would end the process.
  channel.on('error', () => undefined);
  return channel;
}
