import { logger } from '../observability/index.js';
import { Bell } from './bell.js';
import type { Carriage } from './carriage.js';
import type { Duty } from './duty.js';
import type { Lease } from './lease.js';
import type { LogReader } from './log-reader.js';
import { longerDelay } from './retry.js';
import type { MessagingSettings } from './settings.js';
import type { EventTransport } from './transport.js';

const log = logger('messaging');

/** Longest pause between two tries to deliver, in milliseconds. */
const LONGEST_PAUSE_MS = 5_000;

/**
 * Carries the events of one context from its log to the transport, in order. One process at a time does it, the holder
 * of the lease; the others stand by.
 *
 * - *Order per key.* `LogReader` answers in that order; a batch is delivered whole, in order, before the next one is
 *   read; inboxes number what arrives.
 * - *Nothing is lost.* What is read counts as delivered only after every subscriber has stored it durably. A crash
 *   before that is noted means that the next leader delivers the same events again, ahead of anything later of their
 *   keys, and inboxes skip what they know.
 * - *A zombie* (a leader that stalled past its lease) can still deliver what it had read. Whatever of that is noted as
 *   delivered was delivered by its successor, so inboxes know it; what is not is what the successor delivers next, and
 *   two leaders storing it at once wait for each other row by row on the inbox's primary key, in the same order. It can
 *   note nothing: notes check the epoch under the lease's row lock. What this leans on is that inboxes remember longer
 *   than a process can stall (`retentionMs`).
 * - *A subscriber that is away* fails the delivery; the batch is read again. The others get it once and then wait too,
 *   for they share the one line.
 */
export class Relay {
  private readonly bell = new Bell();
  private running: Promise<void> | undefined;
  private pauseMs = 0;

  constructor(
    private readonly context: string,
    private readonly log: LogReader,
    private readonly lease: Lease,
    private readonly transport: EventTransport,
    private readonly carriage: Carriage,
    private readonly duty: Duty,
    private readonly settings: Pick<MessagingSettings, 'relayBatch' | 'pollMs'>,
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
    await this.giveUp();
  }

  /** Lets another process lead at once. */
  private async giveUp(): Promise<void> {
    if (this.lease.current === undefined) return;
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
    if (!this.duty.relays()) {
      await this.giveUp();
      return 'idle';
    }
    const epoch = await this.lease.hold();
    if (epoch === undefined) return 'idle';
    const entries = (await this.carriage.takeOver(epoch)) ? await this.log.next(epoch, this.settings.relayBatch) : undefined;
    if (!entries) this.lease.noteLoss();
    if (!entries || entries.length === 0) return 'idle';
    const begun = entries.map((it) => this.log.wasBegun(it));
    await this.transport.deliver(entries.map((it) => it.envelope), (index) => begun[index] === true);
    this.log.delivered();
    this.pauseMs = 0;
    return 'moved';
  }

  private failed(error: unknown): 'failed' {
    this.pauseMs = longerDelay(this.pauseMs, 50, LONGEST_PAUSE_MS);
    log.warn({ context: this.context, err: error, againInMs: this.pauseMs }, 'Events could not be delivered. They stay in the outbox and are delivered again, in order.');
    return 'failed';
  }
}
