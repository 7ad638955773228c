import { logger } from '../observability/index.js';
import { Bell } from './bell.js';
import type { Carriage } from './carriage.js';
import type { Lease } from './lease.js';
import type { Outbox } from './outbox.js';
import { longerDelay } from './retry.js';
import type { MessagingSettings } from './settings.js';
import type { EventTransport } from './transport.js';

const log = logger('messaging');

/** Longest pause between two tries to deliver, in milliseconds. */
const LONGEST_PAUSE_MS = 5_000;

/**
 * Carries the events of one context from its outbox to the transport, in order. One process at a time does it, the
 * holder of the lease; the others stand by.
 *
 * A round reads the events with the lowest positions, delivers them, and when all subscribers have them removes them.
 * There is no cursor, and that is the point: positions become visible in the order of *commits*, not of numbers, so
 * a cursor jumps over whatever is committed late, while the lowest rows that are still there are simply all that is
 * left to do.
 *
 * - *Order per key.* Producers serialise on the aggregate before they append, so of two events with one key the
 *   earlier is committed before the later gets its position: whoever sees the later one sees the earlier one, with a
 *   lower position. A batch is delivered whole, in order, before the next one is read; inboxes number what arrives.
 * - *Nothing is lost.* A row goes only after every subscriber has stored it durably. A crash between delivery and
 *   removal means that the next leader delivers the same rows again, ahead of anything later, and inboxes skip what
 *   they know.
 * - *A zombie* (a leader that stalled past its lease) can still deliver what it had read. Whatever of that is gone
 *   from the outbox was delivered by its successor, so inboxes know it; what is not gone is still the head of the
 *   line, and two leaders storing it at once wait for each other row by row on the inbox's primary key, in the same
 *   order. It can remove nothing: removal checks the epoch under the lease's row lock. What this leans on is that
 *   inboxes remember longer than a process can stall (`retentionMs`).
 * - *A subscriber that is away* fails the delivery; the batch stays and is tried again. The others get it once and
 *   then wait too, for they share the one line.
 */
export class Relay {
  private readonly bell = new Bell();
  private running: Promise<void> | undefined;
  private pauseMs = 0;

  constructor(
    private readonly context: string,
    private readonly outbox: Outbox,
    private readonly lease: Lease,
    private readonly transport: EventTransport,
    private readonly carriage: Carriage,
    private readonly settings: Pick<MessagingSettings, 'relayBatch' | 'leaseMs' | 'pollMs'>,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Something was committed: look now rather than at the next poll. Calls while a round is under way are one call. */
  wake(): void {
    this.bell.ring();
  }

  /** Ends after the batch under way and gives up the lease. */
  async stop(): Promise<void> {
    this.bell.close();
    await this.running;
    await this.putDown();
    await this.lease.release().catch((error: unknown) => {
      log.warn({ context: this.context, err: error }, 'The relay could not give back its lease; another process takes over when it expires.');
    });
  }

  /** Best effort: whoever leads next asks the carrier again if this did not succeed. */
  private async putDown(): Promise<void> {
    const epoch = this.lease.current;
    if (epoch === undefined) return;
    await this.carriage.putDown(epoch).catch((error: unknown) => {
      log.info({ context: this.context, err: error }, 'Events may still be under way; the next process fetches them first if it uses another transport.');
    });
  }

  private async run(): Promise<void> {
    while (!this.bell.closed) {
      const outcome = await this.round().catch((error: unknown) => this.failed(error));
      if (outcome === 'idle') await this.bell.wait(this.settings.pollMs);
      if (outcome === 'failed') await this.bell.pause(this.pauseMs);
    }
  }

  private async round(): Promise<'moved' | 'idle'> {
    const epoch = await this.lease.hold();
    if (epoch === undefined) return 'idle';
    if (!(await this.carriage.takeOver(epoch))) {
      this.lease.confirm(false);
      return 'idle';
    }
    const entries = await this.outbox.lowest(this.settings.relayBatch);
    if (entries.length === 0) return 'idle';
    const begunUpTo = BigInt(this.lease.begunUpTo);
    await this.lease.noteBegun(entries.at(-1)?.position ?? 0);
    await this.transport.deliver(entries.map((it) => it.envelope), (index) => BigInt(entries[index]?.position ?? 0) <= begunUpTo);
    const held = await this.outbox.remove(entries.map((it) => it.position), epoch, this.settings.leaseMs);
    this.lease.confirm(held);
    this.pauseMs = 0;
    return 'moved';
  }

  private failed(error: unknown): 'failed' {
    this.pauseMs = longerDelay(this.pauseMs, 50, LONGEST_PAUSE_MS);
    log.warn({ context: this.context, err: error, againInMs: this.pauseMs }, 'Events could not be delivered. They stay in the outbox and are delivered again, in order.');
    return 'failed';
  }
}
