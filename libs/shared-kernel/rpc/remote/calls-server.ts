import { ServerRMQ, type RmqContext, type RmqOptions } from '@nestjs/microservices';
import type { AmqpConnectionManager, ChannelWrapper } from 'amqp-connection-manager';
import type { Channel, ConsumeMessage } from 'amqplib';
import { BanyanError } from '../../contract/index.js';
import { type SpanFacts, logger, runTraced } from '../../observability/index.js';
import { checkDeadline } from '../../runtime/index.js';
import { type Call, type Transport, methodOf } from '../transport.js';
import { errorToWire } from '../wire-error.js';
import { CallRefused } from './errors.js';
import { outlive } from './outlive.js';
import { CALL, type Reply, type ServiceIdentity, queueOf, queueOptions, readCall, readHeaders } from './wire.js';

const log = logger('rpc');

/** Calls that one process handles at the same time. */
const PREFETCH = 64;
/** How long calls under way are waited for at a stop, in milliseconds. */
const FINISH_MS = 10_000;
const TAG = 'calls';

/** What a server of calls needs. */
export interface CallsServerParts {
  readonly url: string;
  readonly namespace: string;
  /** The app whose queue this process shares. */
  readonly app: string;
  /** Runs a call in this process. */
  readonly here: Transport;
  readonly identity: ServiceIdentity;
}

/**
 * Takes the calls of an app out of its queue and runs them as local ones are run. A call is acknowledged when its answer
 * is on the way: if this process dies before, another one runs it again, which commands (by their key) and queries can
 * bear. What nobody waits for any more is dropped by the broker, by the message's expiration.
 *
 * Give it to Nest: `app.connectMicroservice({ strategy })`.
 */
export class CallsServer extends ServerRMQ {
  /** Calls that were taken and not answered yet. */
  private readonly underWay = new Map<ConsumeMessage, PromiseWithResolvers<void>>();
  private consuming: Channel | undefined;

  constructor(private readonly parts: CallsServerParts) {
    const options: RmqOptions['options'] = {
      urls: [parts.url], queue: queueOf(parts.namespace, parts.app), queueOptions, noAck: false, prefetchCount: PREFETCH, consumerTag: TAG,
      socketOptions: { reconnectTimeInSeconds: 1, heartbeatIntervalInSeconds: 5 },
    };
    super(options);
    this.addHandler(CALL, (data: unknown, context: RmqContext) => this.handle(data, messageOf(context)));
  }

  /** Takes no further calls, lets those under way be answered, and disconnects. */
  override async close(): Promise<void> {
    await this.consuming?.cancel(TAG).catch(() => undefined);
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, FINISH_MS);
    await Promise.race([Promise.all([...this.underWay.values()].map((it) => it.promise)), late.promise]);
    clearTimeout(timer);
    await super.close();
  }

  override async start(callback?: (error?: unknown) => void): Promise<void> {
    await super.start(callback);
    (this.server as AmqpConnectionManager).once('connect', () => { outlive(this.channel as ChannelWrapper); });
  }

  /** Nest's own does not wait for the consumer, and so nobody would hear that the connection was lost just then. */
  override async setupChannel(channel: Channel, callback: () => void): Promise<void> {
    await channel.assertQueue(this.queue, queueOptions);
    await channel.prefetch(PREFETCH);
    await channel.consume(this.queue, (message) => { this.take(message, channel); }, { consumerTag: TAG });
    this.consuming = channel;
    callback();
  }

  /** @param message null when the broker ended the consumer, because the queue was deleted */
  private take(message: ConsumeMessage | null, channel: Channel): void {
    if (message) {
      this.handleMessage(message, channel).catch((error: unknown) => { this.handleError(String(error)); });
      return;
    }
    log.warn({ queue: this.queue }, 'The queue of calls was deleted; it is made again.');
    (this.server as AmqpConnectionManager).reconnect();
  }

  /** Acknowledges a call behind its answer: on a channel that is gone neither arrives, and the call comes again. */
  override sendMessage(answer: unknown, replyTo: string, correlationId: string, context: RmqContext): void {
    const message = messageOf(context);
    const channel = context.getChannelRef() as Channel;
    try {
      channel.sendToQueue(replyTo, Buffer.from(JSON.stringify(answer)), { correlationId });
      channel.ack(message);
    } catch (error) {
      log.debug({ err: error }, 'An answer could not be sent; its call comes again.');
    }
    this.underWay.get(message)?.resolve();
    this.underWay.delete(message);
  }

  private async handle(data: unknown, message: ConsumeMessage): Promise<Reply> {
    this.underWay.set(message, Promise.withResolvers<void>());
    try {
      const { token, seed } = readHeaders(message.properties.headers);
      const call = readCall(data);
      return await runTraced(seed, callFrom, call, async (): Promise<Reply> => {
        await this.admit(call.operation, token);
        const value = await this.parts.here.send(call);
        return value === undefined ? { is: 'done' } : { is: 'done', value };
      });
    } catch (error) {
      if (!(error instanceof BanyanError)) log.error({ err: error }, 'A call could not be read; the caller hears "internal".');
      return { is: 'failed', error: errorToWire(error, 'a call') };
    }
  }

  private async admit(operation: string, token: string | undefined): Promise<void> {
    checkDeadline(`${operation} was taken from the queue`);
    if (token === undefined) throw new CallRefused(`${operation} was called by nobody: a call needs the token of a service.`, { operation });
    await this.parts.identity.verify(token);
  }
}

const callFrom = ({ operation }: Call): SpanFacts => ({ kind: 'server', name: operation, attributes: methodOf(operation) });

function messageOf(context: RmqContext): ConsumeMessage {
  return context.getMessage() as ConsumeMessage;
}
