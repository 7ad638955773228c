import { setTimeout as sleep } from 'node:timers/promises';
import { ClientRMQ, RmqRecordBuilder } from '@nestjs/microservices';
import type { ChannelWrapper } from 'amqp-connection-manager';
import { firstValueFrom } from 'rxjs';
import { BanyanError, DeadlineExceeded, MaybeExecuted, Unavailable } from '../../contract/index.js';
import { type SpanFacts, inSpan } from '../../observability/index.js';
import { Dependency } from '../../resilience/index.js';
import { wallClock } from '../../runtime/index.js';
import { type Call, methodOf } from '../transport.js';
import { errorFromWire } from '../wire-error.js';
import { outlive } from './outlive.js';
import { CALL, type Reply, type ServiceIdentity, callMs, headersFor, queueOf, queueOptions } from './wire.js';

/** How long a call waits for a connection that is lost, and how often it looks, in milliseconds. */
const [PATIENCE_MS, PAUSE_MS] = [2_500, 50];
/** Who waited so long in vain has seen an outage, in milliseconds. */
const PATIENT_MS = 1_000;

/** What calls to other apps need. */
export interface RemoteCallsParts {
  readonly url: string;
  readonly namespace: string;
  readonly identity: ServiceIdentity;
}

/** Nobody can tell whether the call was handled, or it surely was not; the callee has said nothing either way. */
class Outage extends Error {
  constructor(readonly answer: BanyanError) {
    super(answer.message);
  }
}

/**
 * Sends calls to the queues of other apps and waits for the answers, over one connection per app, made when it is first
 * needed. Queries and commands may be repeated (a command has its key), so what was lost on the way is sent again while
 * there is time.
 */
export class RemoteCalls {
  private readonly apps = new Map<string, RemoteApp>();

  constructor(private readonly parts: RemoteCallsParts) {}

  /** @throws catalogued errors only: the callee's own, or Unavailable, MaybeExecuted, DeadlineExceeded */
  async send(app: string, call: Call): Promise<unknown> {
    return inSpan(callTo, call, () => this.to(app).send(call), () => ({ attributes: { 'peer.service': app } }));
  }

  /** Disconnects; whoever still waits hears that nobody knows. */
  async stop(): Promise<void> {
    await Promise.all([...this.apps.values()].map((it) => it.stop()));
  }

  private to(name: string): RemoteApp {
    const known = this.apps.get(name);
    if (known) return known;
    const app = new RemoteApp(name, this.parts);
    this.apps.set(name, app);
    return app;
  }
}

class CallsClient extends ClientRMQ {
  override createChannel(): Promise<void> {
    const made = super.createChannel();
    outlive(this.channel as ChannelWrapper);
    return made;
  }
}

class RemoteApp {
  private readonly client: ClientRMQ;
  private readonly dependency: Dependency;
  /** Told when the connection is lost, with the answers on their way. */
  private readonly waiting = new Set<(why: string) => void>();

  constructor(private readonly name: string, private readonly parts: RemoteCallsParts) {
    this.client = new CallsClient({
      urls: [parts.url], queue: queueOf(parts.namespace, name), queueOptions, noAck: true, persistent: false,
      socketOptions: { reconnectTimeInSeconds: 1, heartbeatIntervalInSeconds: 5 },
    });
    this.client.status.subscribe((status) => {
      if (status === 'disconnected') for (const lose of this.waiting) lose('The connection to RabbitMQ was lost.');
    });
    this.dependency = new Dependency(name, { isOutage: (error) => error instanceof Outage });
  }

  async send(call: Call): Promise<unknown> {
    // Once a try may have run, no later one can say that nothing happened.
    let unknown: BanyanError | undefined;
    const trying = async (): Promise<Reply> => {
      try {
        return await this.exchange(call);
      } catch (error) {
        if (error instanceof Outage && error.answer instanceof MaybeExecuted) unknown ??= error.answer;
        throw error;
      }
    };
    const reply = await this.dependency.run(trying, true).catch((error: unknown) => { throw unknown ?? (error instanceof Outage ? error.answer : error); });
    if (reply.is === 'failed') throw errorFromWire(reply.error);
    return reply.value;
  }

  async stop(): Promise<void> {
    for (const lose of this.waiting) lose('This process stops.');
    await this.client.close();
  }

  private async exchange(call: Call): Promise<Reply> {
    const ms = callMs();
    if (ms <= 0) throw new DeadlineExceeded(`Time ran out before ${call.operation} was sent.`);
    await this.connected(call, ms);
    const lost = Promise.withResolvers<never>();
    const lose = (why: string): void => lost.reject(new Outage(fateUnknown(call, why)));
    const timer = setTimeout(() => lost.reject(this.tooLate(call, ms)), ms);
    this.waiting.add(lose);
    try {
      const headers = headersFor(await this.parts.identity.tokenFor(this.name), ms);
      const record = new RmqRecordBuilder(call).setOptions({ headers, expiration: Math.ceil(ms) }).build();
      return await Promise.race([firstValueFrom(this.client.send<Reply>(CALL, record)).catch((error: unknown) => { throw this.failed(call, error); }), lost.promise]);
    } finally {
      clearTimeout(timer);
      this.waiting.delete(lose);
      lost.promise.catch(() => undefined);
    }
  }

  /** Waits a little for a connection that is being made again: most are lost for a moment only. */
  private async connected(call: Call, ms: number): Promise<void> {
    const end = wallClock.ticks() + Math.min(ms, PATIENCE_MS);
    for (;;) {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(reject, Math.max(0, end - wallClock.ticks()), new Error('It did not answer.'));
      try {
        await Promise.race([this.client.connect(), late]);
        return;
      } catch (error) {
        if (wallClock.ticks() + PAUSE_MS < end) await sleep(PAUSE_MS);
        else throw new Outage(new Unavailable(`RabbitMQ cannot be reached, so that ${call.operation} could not be sent to ${this.name}.`, { operation: call.operation, reason: String(error) }));
      } finally {
        clearTimeout(timer);
      }
    }
  }

  private failed(call: Call, error: unknown): Error {
    if (error instanceof BanyanError) return error;
    return new Outage(fateUnknown(call, `The connection to RabbitMQ was lost (${String(error)}).`));
  }

  /** Somebody who had hardly any time left says nothing about the app that he asked. */
  private tooLate({ operation, idempotencyKey }: Call, ms: number): Error {
    const what = `${this.name} did not answer ${operation} within ${Math.round(ms)} ms.`;
    const answer = idempotencyKey === undefined ? new DeadlineExceeded(what, { operation }) : new MaybeExecuted(what, { operation });
    return ms < PATIENT_MS ? answer : new Outage(answer);
  }
}

const callTo = ({ operation }: Call): SpanFacts => ({ kind: 'client', name: operation, attributes: methodOf(operation) });

/** A query that was lost has done nothing; of a command nobody knows. */
function fateUnknown({ operation, idempotencyKey }: Call, why: string): BanyanError {
  if (idempotencyKey === undefined) return new Unavailable(`${why} ${operation} was not answered.`, { operation });
  return new MaybeExecuted(`${why} Nobody knows whether ${operation} was handled.`, { operation });
}
