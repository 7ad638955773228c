import { crc32 } from 'node:zlib';
import type { Channel, ChannelModel, Options } from 'amqplib';
import type { EventEnvelope } from '../../../contract/index.js';
import type { EventInbox } from '../../transport.js';
import { messageOf, replyCodeOf } from './connect.js';
import { TopologyDrift } from './errors.js';

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

/** For the dead queue, from which nothing may ever be dropped. */
const NO_LIMIT = 2 ** 31 - 1;

/** Reply codes of AMQP. */
const NOT_FOUND = 404;
const PRECONDITION_FAILED = 406;

/** The names of everything that an app has in the broker. */
export class Topology {
  readonly exchange: string;

  constructor(private readonly namespace: string) {
    this.exchange = `${namespace}.events`;
  }

  /** `ordering.order-placed.3`: matched by `ordering.order-placed.#` and `ordering.#`. */
  routingKey({ eventType, aggregateId }: Pick<EventEnvelope, 'eventType' | 'aggregateId'>): string {
    return `${eventType}.${crc32(aggregateId) % LANES}`;
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
   * @throws TopologyDrift naming everything that is there with other arguments; the rest is declared all the same
   */
  async declare(connection: ChannelModel, inboxes: readonly EventInbox[]): Promise<void> {
    const drifts: string[] = [];
    for (const step of this.steps(inboxes)) {
      // A refusal costs the channel, so that each step needs one that is alive.
      const channel = await quietChannel(connection);
      try {
        await step(channel);
        await channel.close();
      } catch (error) {
        if (replyCodeOf(error) !== PRECONDITION_FAILED) throw error;
        drifts.push(driftOf(messageOf(error)));
      }
    }
    if (drifts.length > 0) throw new TopologyDrift(`RabbitMQ has other queues or exchanges than this version works with:\n${drifts.map((it) => `  - ${it}`).join('\n')}\n${REMEDY}`);
  }

  private *steps(inboxes: readonly EventInbox[]): Generator<(channel: Channel) => Promise<void>> {
    yield async (channel) => { await channel.assertExchange(this.exchange, 'topic', { durable: true }); };
    for (const inbox of inboxes) {
      yield async (channel) => { await channel.assertQueue(this.deadQueueOf(inbox.context), deadQueue); };
      for (let lane = 0; lane < LANES; lane += 1) yield (channel) => this.declareLane(channel, inbox, lane);
    }
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

/** Which of these queues there are, without making or changing any. */
export async function existing(connection: ChannelModel, queues: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const queue of queues) {
    const channel = await quietChannel(connection);
    try {
      await channel.checkQueue(queue);
      found.add(queue);
      await channel.close();
    } catch (error) {
      if (replyCodeOf(error) !== NOT_FOUND) throw error;
    }
  }
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

const REMEDY = 'RabbitMQ cannot change them. Run the app with EVENT_BUS=in-process and this AMQP_URL until it has fetched what is left, stop it, '
  + 'delete what is named above (rabbitmqctl delete_queue NAME), and start again: it is declared anew. See docs/guides/rabbitmq.md.';

/** Turns "inequivalent arg 'x' for queue 'q' in vhost '/': received 'a' but current is 'b'" into a sentence about q. */
function driftOf(refusal: string): string {
  const found = /inequivalent arg '(?<argument>[^']+)' for (?<what>queue|exchange) '(?<name>[^']+)' in vhost '[^']*': received (?<wanted>.+?) but current is (?<current>[^"]+)/.exec(refusal)?.groups;
  if (!found) return refusal;
  const { argument, what, name, wanted, current } = found;
  return `The ${what} "${name}" has ${argument} = ${plain(current)}; this version declares ${plain(wanted)}.`;
}

function plain(value: string | undefined): string {
  return (value ?? '').replace(/^the value '(.*)' of type '.*'$/, '$1').replaceAll("'", '') || '""';
}

async function quietChannel(connection: ChannelModel): Promise<Channel> {
  const channel = await connection.createChannel();
  // Whoever called hears of it; without a listener it would end the process.
  channel.on('error', () => undefined);
  return channel;
}
