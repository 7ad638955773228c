import { randomUUID } from 'node:crypto';
import type { Channel, Message } from 'amqplib';
import { BrokerAway } from './errors.js';

/** RabbitMQ's pseudo-queue: what is sent there comes to the channel that asked, and is stored nowhere. */
const REPLIES = 'amq.rabbitmq.reply-to';

/** The content type by which a marker is known. */
export const MARKER = 'application/vnd.banyan.marker';

/**
 * Finds out when everything that lay in some queues has been taken in. A marker is put at the end of each; whoever
 * consumes the queue, here or in another process, answers when all before the marker is stored. This holds because a
 * queue has one consumer at a time and that one stores in order; a marker that is delivered again is answered again.
 */
export class Markers {
  /** By correlation id, what to do when its marker is answered. */
  private readonly awaited = new Map<string, () => void>();

  constructor(private readonly channel: Channel) {}

  async listen(): Promise<void> {
    await this.channel.consume(REPLIES, (reply) => {
      if (reply) this.answered(reply.properties.correlationId);
    }, { noAck: true });
  }

  /** @throws BrokerAway when answers are missing after so many milliseconds */
  async flush(queues: readonly string[], withinMs: number): Promise<void> {
    const ids: string[] = [];
    const answers = queues.map((queue) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const correlationId = randomUUID();
      ids.push(correlationId);
      this.awaited.set(correlationId, resolve);
      this.put({ queue, correlationId });
      return promise;
    });
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new BrokerAway(`What RabbitMQ still holds was not taken in within ${withinMs} ms.`)), withinMs);
    try {
      await Promise.race([Promise.all(answers), late]);
    } finally {
      clearTimeout(timer);
      for (const id of ids) this.awaited.delete(id);
    }
  }

  /** A queue that does not exist holds nothing. */
  cameBack(marker: Message): void {
    this.answered(marker.properties.correlationId);
  }

  /** Sent by whoever consumed the marker. If the answer is lost, the other side asks again. */
  answer({ properties: { replyTo, correlationId } }: Message): void {
    if (typeof replyTo === 'string') this.channel.publish('', replyTo, Buffer.alloc(0), { correlationId });
  }

  private put({ queue, correlationId }: { readonly queue: string; readonly correlationId: string }): void {
    try {
      this.channel.publish('', queue, Buffer.alloc(0), { mandatory: true, persistent: true, contentType: MARKER, replyTo: REPLIES, correlationId });
    } catch (error) {
      throw new BrokerAway('The connection to RabbitMQ was lost.', { error: String(error) });
    }
  }

  private answered(correlationId: unknown): void {
    if (typeof correlationId === 'string') this.awaited.get(correlationId)?.();
  }
}

/** Is this a marker and no event? */
export function isMarker({ properties: { contentType } }: Message): boolean {
  return contentType === MARKER;
}
