import { randomInt } from 'node:crypto';
import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { unreachable } from '../words/index.js';
import type { LaneEvent, LaneStore } from './lane-store.js';
import { describe, longerDelay, verdictOn } from './retry.js';
import type { MessagingSettings } from './settings.js';

const log = logger('messaging');

type Settings = Pick<MessagingSettings, 'attempts' | 'firstDelayMs' | 'longestDelayMs' | 'longestPauseMs'>;

/** Decides what becomes of an event that could not be handled, and sees to it that only its own failures count. */
export class LaneSettlement {
  /**
   * Per lane, event id → the count to go back to, for tries that were counted but were not the event's fault.
   * Only the worker that has the lane reads or writes its entry.
   */
  private readonly owed = new Map<number, Map<string, number>>();

  constructor(
    private readonly context: string,
    private readonly database: Database,
    private readonly store: LaneStore,
    private readonly settings: Settings,
  ) {}

  /** Notes counts to be taken back before the lane's next turn. A process that dies before that leaves them counted: it died. */
  owe(lane: number, events: readonly LaneEvent[]): void {
    const owed = this.owed.get(lane) ?? new Map<string, number>();
    for (const event of events) owed.set(event.envelope.eventId, event.attempts);
    this.owed.set(lane, owed);
  }

  /** @throws DatabaseAway and keeps the notes */
  async forgiveOwed(lane: number): Promise<void> {
    const owed = this.owed.get(lane);
    if (!owed) return;
    if (owed.size > 0) await this.store.forgive(owed);
    this.owed.delete(lane);
  }

  /**
   * Settles an event that was tried alone and failed.
   * @returns in how many milliseconds to look at the lane again for it; undefined when it is parked
   * @throws DatabaseAway when it cannot be written down; then the try is taken back and the event comes up again as it was
   */
  async settle(lane: number, event: LaneEvent, error: unknown): Promise<number | undefined> {
    const verdict = verdictOn(error);
    try {
      switch (verdict) {
        case 'unreadable': return await this.park(lane, event, error);
        case 'failed': return event.attempts + 1 < this.settings.attempts ? await this.retry(lane, event, error) : await this.park(lane, event, error);
        case 'outage': return await this.postpone(lane, event, error);
        case 'conflict': return await this.comeBack(event);
        default: return unreachable(verdict);
      }
    } catch (failure) {
      this.owe(lane, [event]);
      throw failure;
    }
  }

  private async retry(lane: number, event: LaneEvent, error: unknown): Promise<number> {
    const delayMs = longerDelay(event.delayMs, this.settings.firstDelayMs, this.settings.longestDelayMs);
    await this.inLane(lane, () => this.store.wait(event.envelope.eventId, event.attempts + 1, delayMs, describe(error)));
    log.warn({ ...this.about(event, event.attempts + 1), againInMs: delayMs, err: error }, 'An event could not be handled and is tried again; later ones of its key wait for it.');
    return delayMs;
  }

  /** Something it needs is away: it waits, so that others of the lane are not held up, and the try does not count. */
  private async postpone(lane: number, event: LaneEvent, error: unknown): Promise<number> {
    const delayMs = longerDelay(event.delayMs, this.settings.firstDelayMs, this.settings.longestPauseMs);
    await this.inLane(lane, async () => {
      await this.store.forgive(new Map([[event.envelope.eventId, event.attempts]]));
      return this.store.wait(event.envelope.eventId, event.attempts, delayMs, describe(error));
    });
    log.warn({ ...this.about(event, event.attempts), againInMs: delayMs, err: error }, 'Something that an event needs is away; it is tried again, and this try does not count.');
    return delayMs;
  }

  private async comeBack(event: LaneEvent): Promise<number> {
    await this.store.forgive(new Map([[event.envelope.eventId, event.attempts]]));
    return randomInt(10, 100);
  }

  private async park(lane: number, event: LaneEvent, error: unknown): Promise<undefined> {
    const parked = await this.inLane(lane, () => this.store.park(event.envelope.eventId, event.attempts + 1, describe(error)));
    if (parked) this.logParked(event, event.attempts + 1, error);
  }

  logParked(event: LaneEvent, attempts: number, error: unknown): void {
    log.error({ ...this.about(event, attempts), err: error }, 'An event was parked, and with it all later ones of its key. Remove the cause, then redrive the key.');
  }

  /**
   * Under the lane's lock, so that nobody is handling the event while its state changes. If another process has the
   * lane, it has the event too, and what it finds counts.
   */
  private inLane(lane: number, change: () => Promise<boolean>): Promise<boolean> {
    return this.database.transaction(async () => (await this.store.lock(lane)) && (await change()));
  }

  private about({ envelope }: LaneEvent, attempts: number): Record<string, unknown> {
    const { eventId, eventType, aggregateId, correlationId } = envelope;
    return { context: this.context, eventId, eventType, aggregateId, correlationId, attempts };
  }
}
