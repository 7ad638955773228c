import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import type { BanyanError } from '../../../contract/index.js';
import { type Health, logger } from '../../../observability/index.js';
import { Bell } from '../../bell.js';
import { longerDelay } from '../../retry.js';
import { connectTo, explained } from './connect.js';
import { BrokerAway } from './errors.js';
import { FIRST_PAUSE_MS, LONGEST_PAUSE_MS, OPEN_MS } from './settings.js';

const log = logger('messaging');

/** What was made of an open connection: its channels and what runs on them. */
export interface Session {
  /** Finishes what is under way while the connection is still good. */
  finish(): Promise<void>;
}

/** Tells the link that the connection is of no use any more; more than once is the same as once. */
export type Lose = (why: string) => void;

type State<S> =
  | { readonly is: 'closed'; readonly because: BanyanError }
  | { readonly is: 'open'; readonly session: S };

/**
 * One connection to the broker that is made again whenever it is lost: at once at first, then after growing, jittered
 * pauses. Whatever was on it is thrown away and built anew, topology and consumers included, so that there is one way
 * into a good state and not one per kind of failure.
 */
export class Link<S extends Session> {
  private state: State<S> = { is: 'closed', because: new BrokerAway('RabbitMQ has not been connected to yet.') };
  private readonly bell = new Bell();
  /** Rung when a session opens. */
  private readonly opened = new Bell();
  private running: Promise<void> | undefined;
  private lose: Lose = () => {};
  /** Was it us who ended the session? Then nothing is wrong. */
  private isRenewing = false;

  /** @param begin builds a session on a fresh connection and tells by `lose` when it is no good any more */
  constructor(
    private readonly name: string,
    private readonly url: string,
    private readonly begin: (connection: ChannelModel, lose: Lose) => Promise<S>,
  ) {}

  /**
   * Tries once. A broker that is merely away is tried again in the background.
   * @throws BanyanError when a person has to change something: access, topology, the kind of broker
   */
  async start(): Promise<void> {
    const first = Promise.withResolvers<void>();
    this.running = this.run(first.resolve);
    await first.promise;
    if (this.state.is === 'open' || this.state.because.definition.retryable) return;
    const { because } = this.state;
    await this.stop();
    throw because;
  }

  /**
   * The session, waiting for one for so many milliseconds.
   * @throws BrokerAway, or why else there is none
   */
  async session(withinMs: number): Promise<S> {
    const end = performance.now() + withinMs;
    for (;;) {
      if (this.state.is === 'open') return this.state.session;
      const left = end - performance.now();
      if (left <= 0 || this.bell.closed) throw this.state.because;
      await this.opened.wait(left);
    }
  }

  /** The session if there is one right now. */
  get current(): S | undefined {
    return this.state.is === 'open' ? this.state.session : undefined;
  }

  /** Begins anew, because the broker has changed, as this session saw, or what is to be consumed. */
  renew(why: string): void {
    this.isRenewing = this.state.is === 'open';
    this.lose(why);
  }

  health(): Health {
    return this.state.is === 'open' ? { is: 'up' } : { is: 'degraded', because: this.state.because.message };
  }

  /** Finishes what is under way and disconnects. */
  async stop(): Promise<void> {
    this.bell.close();
    this.opened.close();
    await this.current?.finish();
    this.lose('The app stops.');
    await this.running;
    this.state = { is: 'closed', because: new BrokerAway('The app stops.') };
  }

  private async run(tried: () => void): Promise<void> {
    for (let pauseMs = 0; !this.bell.closed; await this.bell.pause(pauseMs)) {
      const connection = await connectTo(this.url, this.name).catch((error: unknown) => this.failed(error, pauseMs));
      if (connection && await this.serve(connection, tried, pauseMs)) pauseMs = 0;
      tried();
      pauseMs = longerDelay(pauseMs, FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
    }
  }

  /** From the first channel to the loss of the connection. @returns whether it was of any use */
  private async serve(connection: ChannelModel, tried: () => void, pauseMs: number): Promise<boolean> {
    const lost = Promise.withResolvers<string>();
    this.lose = lost.resolve;
    connection.on('close', (error?: Error) => { lost.resolve(error?.message ?? 'The connection was closed.'); });
    try {
      const gone = lost.promise.then((why) => { throw new Error(why); });
      const session = await Promise.race([this.begin(connection, lost.resolve), gone, tooSlow()]);
      this.state = { is: 'open', session };
      log.info({ connection: this.name }, 'Connected to RabbitMQ.');
      this.opened.ring();
      tried();
      this.closed(await lost.promise);
      return true;
    } catch (error) {
      this.failed(error, pauseMs);
      return false;
    } finally {
      await closeQuietly(connection);
    }
  }

  private closed(why: string): void {
    if (this.isRenewing) {
      this.state = { is: 'closed', because: new BrokerAway('The connection to RabbitMQ is made anew.') };
      log.info({ connection: this.name, why }, 'The connection to RabbitMQ is made anew.');
    } else if (!this.bell.closed) this.failed(new BrokerAway('RabbitMQ was lost.'), 0, why);
    this.isRenewing = false;
  }

  private failed(error: unknown, pauseMs: number, why?: string): undefined {
    const because = explained(error);
    this.state = { is: 'closed', because };
    const details = { connection: this.name, err: because, lastPauseMs: pauseMs, ...(why !== undefined && { why }) };
    if (because.definition.retryable) log.warn(details, 'There is no connection to RabbitMQ. Events wait in their outboxes; it is tried again.');
    else log.error(details, 'RabbitMQ cannot be used as it is. Events wait in their outboxes; it is tried again.');
  }
}

async function tooSlow(): Promise<never> {
  await sleep(OPEN_MS, undefined, { ref: false });
  throw new BrokerAway(`RabbitMQ did not answer within ${OPEN_MS} ms while queues were declared and consumed: it is overloaded, or a queue has no leader (rabbitmq-queues quorum_status NAME tells).`);
}

/** A broker that does not answer any more must not hold anybody up: the heartbeat ends that connection later. */
async function closeQuietly(connection: ChannelModel): Promise<void> {
  await Promise.race([connection.close().catch(() => undefined), sleep(1_000, undefined, { ref: false })]);
}
