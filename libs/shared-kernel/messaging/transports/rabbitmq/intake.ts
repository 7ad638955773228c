import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Channel, ChannelModel, ConsumeMessage, Message } from 'amqplib';
import { logger } from '../../../observability/index.js';
import { Bell } from '../../bell.js';
import { longerDelay } from '../../retry.js';
import type { EventInbox } from '../../transport.js';
import type { Delivery } from './delivery.js';
import type { Lose } from './link.js';
import { FINISH_MS, FIRST_PAUSE_MS, INTAKE_BATCH, LONGEST_PAUSE_MS, PREFETCH } from './settings.js';

const log = logger('messaging');

/** One queue to take in from. */
export interface Source {
  readonly queue: string;
  readonly read: (message: ConsumeMessage) => Delivery;
  /** Arguments for consuming, where the queue needs some. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** What an intake needs to know of its surroundings. */
export interface IntakeParts {
  readonly inbox: EventInbox;
  readonly sources: readonly Source[];
  /** Tells whoever put the marker that all before it is stored. */
  readonly answer: (marker: Message) => void;
  readonly lose: Lose;
}

/**
 * Takes the messages for one context out of the broker into its inbox, on one channel: what has come meanwhile is
 * stored as one batch, and acknowledged up to its last message when it is committed.
 *
 * A lane has one active consumer in all processes, and messages are stored in the order in which they come. So order
 * per key needs care only where a lane changes hands. When a channel is closed, RabbitMQ puts back what it had not
 * acknowledged, at the head and in order, before it serves the next consumer: whatever this one may still be storing,
 * the next one stores again, first. Hence two things are never done here: `nack`, which puts a message back out of
 * order, and cancelling a consumer that holds messages, upon which RabbitMQ serves the next one at once with *later*
 * messages. To stop is to finish the batch under way and close the channel.
 */
export class Intake {
  private readonly come: Delivery[] = [];
  private readonly bell = new Bell();
  private readonly closed = Promise.withResolvers<void>();
  private working: Promise<void> | undefined;

  private constructor(private readonly channel: Channel, private readonly parts: IntakeParts) {}

  /** Begins to take in; a lane that another process serves is stood by for. */
  static async open(connection: ChannelModel, parts: IntakeParts): Promise<Intake> {
    const channel = await connection.createChannel();
    const intake = new Intake(channel, parts);
    channel.on('error', (error) => parts.lose(error.message));
    channel.on('close', () => {
      intake.closed.resolve();
      if (!intake.bell.closed) parts.lose('A channel for consuming was closed.');
      intake.bell.close();
    });
    await channel.prefetch(PREFETCH);
    for (const source of parts.sources) await intake.consume(source);
    return intake;
  }

  /** Ends after the batch under way is stored and acknowledged; the rest goes back to the lanes. */
  async finish(): Promise<void> {
    this.bell.close();
    await this.working;
    // The broker's answer says that the acknowledgement has arrived too. If the connection is lost instead, the
    // library leaves its promise pending for ever; the event comes in any case.
    this.channel.close().catch(() => this.closed.resolve());
    await Promise.race([this.closed.promise, sleep(FINISH_MS, undefined, { ref: false })]);
  }

  private async consume({ queue, read, ...options }: Source): Promise<void> {
    await this.channel.consume(queue, (message) => {
      if (message) this.arrived(read(message));
      else this.parts.lose(`RabbitMQ cancelled the consumer of ${queue}: the queue was deleted, or the node that it lives on went away.`);
    }, options);
  }

  private arrived(delivery: Delivery): void {
    this.come.push(delivery);
    this.working ??= this.work().finally(() => { this.working = undefined; });
  }

  private async work(): Promise<void> {
    // Lets the rest of what the socket had come in too.
    await turn();
    while (this.come.length > 0 && !this.bell.closed) {
      const batch = this.come.splice(0, INTAKE_BATCH);
      if (await this.store(batch)) this.acknowledge(batch);
    }
  }

  /** Tries until it is stored: given back, it would only come again. @returns false when the channel is gone first */
  private async store(batch: readonly Delivery[]): Promise<boolean> {
    let pauseMs = 0;
    do {
      try {
        await this.hand(batch);
        return true;
      } catch (error) {
        pauseMs = longerDelay(pauseMs, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
        log.warn({ context: this.parts.inbox.context, err: error, againInMs: pauseMs }, 'Messages from RabbitMQ could not be stored. They stay there until they are.');
      }
      await this.bell.pause(pauseMs);
    } while (!this.bell.closed);
    return false;
  }

  private async hand(batch: readonly Delivery[]): Promise<void> {
    const { inbox } = this.parts;
    const events = batch.filter((it) => it.is === 'event');
    if (events.length > 0) await inbox.receive(events.map((it) => it.text), (index) => events[index]?.wasBegun === true);
    const parked = batch.flatMap((it) => (it.is === 'undeliverable' ? [it.parked] : []));
    if (parked.length > 0) await inbox.park(parked);
  }

  /** Tags of a channel grow by one, so the last of a batch stands for all of them. */
  private acknowledge(batch: readonly Delivery[]): void {
    const last = batch.at(-1);
    if (!last) return;
    for (const delivery of batch) {
      if (delivery.is === 'marker') this.parts.answer(delivery.message);
    }
    try {
      this.channel.ack(last.message, true);
    } catch (error) {
      // The channel is closed: the messages come again and are known.
      log.debug({ context: this.parts.inbox.context, err: error }, 'A batch could not be acknowledged.');
    }
  }
}
