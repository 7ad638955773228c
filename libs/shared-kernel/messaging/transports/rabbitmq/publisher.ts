import { randomUUID } from 'node:crypto';
import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';
import type { EventEnvelope } from '../../../contract/index.js';
import { wallClock } from '../../../runtime/index.js';
import { Bell } from '../../bell.js';
import { CLOUD_EVENT, cloudEvent } from '../../cloud-event.js';
import { Batch } from './batch.js';
import { BrokerAway, Unroutable } from './errors.js';
import type { Lose, Session } from './link.js';
import { MARKER, Markers, isMarker } from './markers.js';
import { READY_MS, WINDOW } from './settings.js';
import type { Topology } from './topology.js';

/** How often to look whether confirms still come, in milliseconds. */
const WATCH_MS = 250;

/** What a publisher has to know of the app it publishes for. */
export interface PublisherParts {
  readonly topology: Topology;
  /** Does a context of this process listen to that event? */
  readonly isWanted: (eventType: string) => boolean;
  /** As in the settings. */
  readonly confirmMs: number;
}

/**
 * Publishes through one confirm channel and believes only confirms.
 *
 * Messages of a lane go out in the order given, at most a window of them unconfirmed. When the connection dies, what
 * was not confirmed counts as not sent and the whole batch is sent again, in order, before anything later: what the
 * broker had taken all the same is then there twice, but the *first* of each stands in order, whichever copies the
 * dead connection still gets in, and inboxes look at the first only. One thing would break that: a refusal (`nack`)
 * in the middle of a batch. RabbitMQ refuses when a queue is full or gone; these have no limit, and what was in a
 * deleted one is gone anyway.
 */
export class Publisher implements Session {
  private outstanding = 0;
  private confirmedAt = 0;
  private heldBack: string | undefined;
  /** Ids of messages that came back and whose confirm, which follows, means nothing. */
  private readonly returned = new Set<string>();
  private readonly room = new Bell();
  private readonly batches = new Set<Batch>();
  private readonly markers: Markers;

  private constructor(private readonly channel: ConfirmChannel, private readonly parts: PublisherParts, private readonly lose: Lose) {
    this.markers = new Markers(channel);
  }

  static async open(connection: ChannelModel, parts: PublisherParts, lose: Lose): Promise<Publisher> {
    const channel = await connection.createConfirmChannel();
    const publisher = new Publisher(channel, parts, lose);
    channel.on('error', (error) => lose(error.message));
    channel.on('close', () => lose('The channel for publishing was closed.'));
    channel.on('return', (message) => publisher.cameBack(message));
    connection.on('blocked', (reason) => { publisher.heldBack = reason; });
    connection.on('unblocked', () => { publisher.heldBack = undefined; });
    await publisher.markers.listen();
    return publisher;
  }

  /** Why the broker takes nothing at the moment, or undefined. */
  get blocked(): string | undefined {
    return this.heldBack;
  }

  /**
   * Resolves when the broker has confirmed every event.
   * @throws BrokerAway, Unroutable: any part may have been taken, publish the same again, in the same order
   */
  async publish(envelopes: readonly EventEnvelope[]): Promise<void> {
    if (this.heldBack !== undefined) throw heldBack(this.heldBack);
    const batch = new Batch();
    this.batches.add(batch);
    const watch = setInterval(() => this.watch(batch), WATCH_MS);
    try {
      if (this.outstanding === 0) this.confirmedAt = wallClock.ticks();
      for (const envelope of envelopes) {
        while (this.outstanding >= WINDOW && !batch.failed) await this.room.wait(WATCH_MS);
        if (batch.failed) break;
        this.send(envelope, batch);
      }
      await batch.done();
    } finally {
      clearInterval(watch);
      this.batches.delete(batch);
    }
  }

  /** Resolves when everything that lies in these queues now has been taken in. */
  async flush(queues: readonly string[], withinMs: number): Promise<void> {
    if (this.heldBack !== undefined) throw heldBack(this.heldBack);
    await this.markers.flush(queues, withinMs);
  }

  /** Puts a marker at the end of a stream. @returns its id, once it is there @throws BrokerAway */
  async mark(stream: string): Promise<string> {
    if (this.heldBack !== undefined) throw heldBack(this.heldBack);
    const correlationId = randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.channel.publish('', stream, Buffer.alloc(0), { persistent: true, contentType: MARKER, correlationId }, (error: Error | null) => (error ? reject(unconfirmed(error)) : resolve()));
    await promise;
    return correlationId;
  }

  /** Tells whoever asked that all before its marker is taken in. */
  answer(marker: Message): void {
    if (this.heldBack === undefined) this.markers.answer(marker);
  }

  /** Waits for the confirms of what is under way. */
  async finish(): Promise<void> {
    await Promise.all([...this.batches].map((it) => it.over));
  }

  private send(envelope: EventEnvelope, batch: Batch): void {
    const { eventId, eventType } = envelope;
    const options = { mandatory: true, persistent: true, contentType: CLOUD_EVENT, messageId: eventId, type: eventType };
    const answered = (error: Error | null): void => {
      this.outstanding -= 1;
      this.confirmedAt = wallClock.ticks();
      const cameBack = this.returned.delete(eventId);
      batch.answered(error ? unconfirmed(error) : cameBack ? this.unroutable(eventType) : undefined);
      this.room.ring();
    };
    this.outstanding += 1;
    batch.sent();
    try {
      this.channel.publish(this.parts.topology.exchange, this.parts.topology.routingKey(envelope), Buffer.from(cloudEvent(envelope)), options, answered);
    } catch (error) {
      answered(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private cameBack(message: Message): void {
    if (isMarker(message)) this.markers.cameBack(message);
    else this.returned.add(String(message.properties.messageId));
  }

  /** Nobody has to listen to an event. But where a context here does, its queue or binding is missing. */
  private unroutable(eventType: string): Error | undefined {
    if (!this.parts.isWanted(eventType)) return undefined;
    this.lose(`No queue takes ${eventType}, though a context here listens to it: queues and bindings are declared anew.`);
    return new Unroutable(`RabbitMQ has no queue for ${eventType}, though a context here listens to it. Queues and bindings are declared anew.`);
  }

  private watch(batch: Batch): void {
    const silentMs = wallClock.ticks() - this.confirmedAt;
    if (this.heldBack !== undefined && silentMs > READY_MS) batch.abandon(heldBack(this.heldBack));
    const { confirmMs } = this.parts;
    if (silentMs < confirmMs) return;
    batch.abandon(new BrokerAway(`RabbitMQ has confirmed nothing for ${confirmMs} ms.`));
    this.lose(`Nothing was confirmed for ${confirmMs} ms.`);
  }
}

function heldBack(reason: string): Error {
  return new BrokerAway(`RabbitMQ takes no events at the moment: ${reason}.`);
}

function unconfirmed(cause: Error): Error {
  const error = new BrokerAway('RabbitMQ did not confirm an event.');
  error.cause = cause;
  return error;
}
