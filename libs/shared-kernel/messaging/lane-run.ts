import { AsyncLocalStorage } from 'node:async_hooks';
import type { Database } from '../persistence/index.js';
import { wallClock } from '../runtime/index.js';
import type { Handling } from './handling.js';
import type { LaneEvent, LaneStore } from './lane-store.js';
import { type Leave, Seclusion } from './seclusion.js';
import type { MessagingSettings } from './settings.js';

/** How one turn of a lane ended. */
export type Turn =
  /** Another process runs this lane. */
  | { readonly is: 'taken' }
  /** So many events are handled and committed; `more` when there are probably others. */
  | { readonly is: 'handled'; readonly count: number; readonly more: boolean }
  /** The first event was begun as often as allowed and never reported back; it is parked and committed. */
  | { readonly is: 'exhausted'; readonly event: LaneEvent }
  /** Rolled back. `culprit` is the index of the event whose handler threw; undefined when it came out only at the end. */
  | { readonly is: 'failed'; readonly events: readonly LaneEvent[]; readonly culprit: number | undefined; readonly error: unknown }
  /** Rolled back, before any handler ran. `counted` are events whose try may have been counted. */
  | { readonly is: 'away'; readonly counted: readonly LaneEvent[]; readonly error: unknown };

type Settings = Pick<MessagingSettings, 'attempts' | 'turnMs'>;

/**
 * Handles the next events of a lane in one transaction, together with marking them done: either all of it is
 * committed or nothing.
 *
 * The lane's advisory lock makes this transaction the lane's only one in all processes. The try of each event is
 * counted before it begins, on another connection, since a count in the same transaction would die with it: so a
 * worker holds up to two connections of the pool. If the process dies, the lock goes with the connection and the
 * count stays; whoever comes next sees an event that was begun before, and runs it alone.
 */
export class LaneRun {
  /** Taken outside of any transaction: what runs through it does not join the one that is open. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private readonly seclusion = new Seclusion();

  constructor(
    private readonly database: Database,
    private readonly store: LaneStore,
    private readonly handling: Handling,
    private readonly settings: Settings,
  ) {}

  async turn(lane: number, limit: number): Promise<Turn> {
    const progress: Progress = { events: [], begun: false, culprit: undefined, leave: () => undefined };
    try {
      return await this.database.transaction(() => this.work(lane, limit, progress));
    } catch (error) {
      return progress.begun
        ? { is: 'failed', events: progress.events, culprit: progress.culprit, error }
        : { is: 'away', counted: progress.events, error };
    } finally {
      // Only now is it committed: a neighbour that killed the process before would have counted against this one.
      progress.leave();
    }
  }

  private async work(lane: number, limit: number, progress: Progress): Promise<Turn> {
    if (!(await this.store.lock(lane))) return { is: 'taken' };
    const runnable = await this.store.runnable(lane, limit);
    const handled = runnable.filter((it) => it.isHandled);
    if (handled.length > 0) {
      await this.store.finish(handled.map(idOf));
      return { is: 'handled', count: handled.length, more: true };
    }
    const events = together(runnable);
    const [first] = events;
    if (!first) return { is: 'handled', count: 0, more: false };
    if (first.attempts >= this.settings.attempts) {
      await this.store.park(first.envelope.eventId, first.attempts, first.lastError ?? 'The process died each time while it handled this event.');
      return { is: 'exhausted', event: first };
    }
    progress.events = events;
    progress.leave = await (mayKill(first) ? this.seclusion.alone() : this.seclusion.sideBySide());
    const count = await this.tryThem(events, progress);
    await this.store.finish(events.slice(0, count).map(idOf));
    if (count < events.length) await this.store.forgive(new Map(events.slice(count).map((it) => [idOf(it), it.attempts])));
    return { is: 'handled', count, more: count < runnable.length || runnable.length === limit };
  }

  private async tryThem(events: readonly LaneEvent[], progress: Progress): Promise<number> {
    await this.outside(() => this.store.count(events.map(idOf)));
    return this.handleInOrder(events, progress);
  }

  /** Stops early when the turn takes long, so that the rows that handlers have locked are not held for all of it. */
  private async handleInOrder(events: readonly LaneEvent[], progress: Progress): Promise<number> {
    const end = wallClock.ticks() + this.settings.turnMs;
    progress.begun = true;
    for (const [index, event] of events.entries()) {
      if (index > 0 && wallClock.ticks() > end) return index;
      progress.culprit = index;
      await this.handling.handle(event.envelope, event.receivedAt);
      progress.culprit = undefined;
    }
    return events.length;
  }
}

/** How far a turn came; read when it fails. */
interface Progress {
  events: readonly LaneEvent[];
  begun: boolean;
  culprit: number | undefined;
  leave: Leave;
}

/** It was begun and nobody reported back: if it kills the process, that must count against no other event. */
function mayKill(event: LaneEvent): boolean {
  return event.attempts > 0 && event.lastError === null;
}

/** Events that were never begun share a transaction; one that was begun before may be what killed it, and runs alone. */
function together(events: readonly LaneEvent[]): readonly LaneEvent[] {
  const suspect = events.findIndex((it) => it.attempts > 0);
  if (suspect < 0) return events;
  return events.slice(0, Math.max(1, suspect));
}

function idOf(event: LaneEvent): string {
  return event.envelope.eventId;
}
