import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { logger } from '../observability/index.js';
import { wallClock } from '../runtime/index.js';
import { unreachable } from '../words/index.js';
import type { FirstTry, Tried } from './first-try.js';
import { laneOf } from './key.js';
import type { GiveBack, LaneLocks } from './lane-locks.js';
import { type ReceivedEvent, keyOf } from './message.js';
import type { OutageGate } from './outage-gate.js';
import { describe, verdictOn } from './retry.js';
import type { MessagingSettings } from './settings.js';

const log = logger('messaging');

/** How often to try while somebody else is in the way, and the bounds of the pause between, in milliseconds. */
const TRIES = 3;
const [SHORT_MS, LONG_MS] = [5, 30];
/** Time that an event may take on average before a batch counts as slow, in milliseconds. */
const PER_EVENT_MS = 1;

type Events = readonly ReceivedEvent[];
type Settings = Pick<MessagingSettings, 'workers' | 'arrivalBatch' | 'turnMs'>;

/** Where events go that are not handled on arrival. */
export interface Lanes {
  /** Stores them for the lanes. @param begun is a try of them under way? */
  putOff(events: Events, begun: boolean): Promise<void>;
  /** Takes back that a try of them was under way. */
  forgive(events: Events): Promise<void>;
  /** Have they nothing to do? */
  readonly areQuiet: boolean;
}

/**
 * Handles events as they arrive, as long as that works at once: many in one transaction, several transactions at the
 * same time, each on lanes of its own. What fails, what has an unfinished event of its key before it and what takes
 * long is put off, in order, and is the lanes' business from then on; the rest goes on.
 *
 * Whoever delivers waits for this, and other contexts wait with him. So it has limited time: when that is over, what
 * has not begun is put off, and so is what has begun. The transaction of the latter goes on by itself; the lane finds
 * out, under the same locks, what it has handled. From then on everything is put off until the lanes have caught up.
 */
export class Arrivals {
  private isBehind = false;
  private readonly going = new Set<Promise<void>>();

  constructor(
    private readonly context: string,
    private readonly locks: LaneLocks,
    private readonly firstTry: FirstTry,
    private readonly gate: OutageGate,
    private readonly lanes: Lanes,
    private readonly settings: Settings,
  ) {}

  /**
   * @param events each once; those of one key in order
   * @throws DatabaseAway, MaybeExecuted: any part may be handled or put off
   */
  async take(events: Events): Promise<void> {
    if (this.isBehind && this.lanes.areQuiet) this.isBehind = false;
    const end = wallClock.ticks() + this.settings.turnMs + events.length * PER_EVENT_MS;
    const groups = Map.groupBy(events, (it) => laneOf(keyOf(it)) % this.settings.workers);
    const outcomes = await Promise.allSettled([...groups.values()].map((group) => this.group(group, end)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
  }

  /** Waits for what goes on by itself. */
  async stop(): Promise<void> {
    await Promise.all(this.going);
  }

  private async group(events: Events, end: number): Promise<void> {
    const { arrivalBatch } = this.settings;
    for (let from = 0; from < events.length; from += arrivalBatch) await this.batch(events.slice(from, from + arrivalBatch), end);
  }

  private async batch(events: Events, end: number): Promise<void> {
    if (this.isHopeless(end)) return this.lanes.putOff(events, false);
    const lanes = [...new Set(events.map((it) => laneOf(keyOf(it))))];
    const giveBack = await this.locks.acquire(lanes, this.settings.turnMs);
    if (!giveBack) return this.lanes.putOff(events, false);
    const settling = this.settle(events, end);
    const isSettled = await inTime(settling, end + this.settings.turnMs - wallClock.ticks()).catch((error: unknown) => {
      giveBack();
      throw error;
    });
    if (isSettled) giveBack();
    else await this.letGo(settling, events, giveBack);
  }

  private isHopeless(end: number): boolean {
    return this.isBehind || this.gate.troubled || wallClock.ticks() > end;
  }

  private async letGo(settling: Promise<void>, events: Events, giveBack: GiveBack): Promise<void> {
    this.isBehind = true;
    log.info({ context: this.context, events: events.length }, 'Handlers take long; their events go through the inbox, so that others need not wait.');
    const storing = this.lanes.putOff(events, true);
    const going = this.reportBack(settling, storing, events).finally(giveBack);
    this.going.add(going);
    void going.finally(() => this.going.delete(going));
    await storing;
  }

  /** However it ended, it did not take the process with it. */
  private async reportBack(settling: Promise<void>, storing: Promise<void>, events: Events): Promise<void> {
    const outcomes = await Promise.allSettled([settling, storing]);
    await this.lanes.forgive(events).catch((error: unknown) => outcomes.push({ status: 'rejected', reason: error }));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') log.info({ context: this.context, err: outcome.reason }, 'What took long has failed; it is tried again.');
    }
  }

  private async settle(events: Events, end: number, tries = 1): Promise<void> {
    if (events.length === 0) return undefined;
    if (this.isHopeless(end)) return this.lanes.putOff(events, false);
    const tried = await this.firstTry.run(events, end);
    switch (tried.is) {
      case 'handled': return this.handled(tried);
      case 'mixed': return this.settle(events, end, tries);
      case 'taken': case 'conflict':
        if (tries === TRIES) return this.lanes.putOff(events, false);
        await sleep(randomInt(SHORT_MS, LONG_MS));
        return this.settle(events, end, tries + 1);
      case 'failed': return this.failed(events, tried, end);
      default: return unreachable(tried);
    }
  }

  private async handled({ late, held }: Extract<Tried, { is: 'handled' }>): Promise<void> {
    this.gate.reached();
    if (late.length > 0) this.isBehind = true;
    if (late.length + held.length > 0) await this.lanes.putOff([...held, ...late], false);
  }

  /**
   * Finds out who can be handled without whom: those that failed are put off with what comes after them, the others
   * are tried again, in halves where it is not known how many more of them fail.
   */
  private async failed(events: Events, { culprits, all, error }: Extract<Tried, { is: 'failed' }>, end: number): Promise<void> {
    log.debug({ context: this.context, events: events.length, failed: culprits.length, err: error }, 'Events could not be handled together.');
    if (verdictOn(error) === 'outage') this.gate.missed(describe(error), false);
    const putOff = new Set(culprits.length === 0 && events.length === 1 ? events : culprits.flatMap((it) => itAndLater(events, it)));
    const rest = events.filter((it) => !putOff.has(it));
    for (const part of all ? [rest] : halves(rest)) await this.settle(part, end);
    // Only now: what comes before them in their keys would find them in the inbox and line up behind.
    await this.lanes.putOff(events.filter((it) => putOff.has(it)), false);
  }
}

function itAndLater(events: Events, event: ReceivedEvent): Events {
  const from = events.indexOf(event);
  return events.filter((it, index) => index >= from && keyOf(it) === keyOf(event));
}

function halves(events: Events): Events[] {
  const middle = Math.ceil(events.length / 2);
  return [events.slice(0, middle), events.slice(middle)];
}

/** @returns false when the time is up first @throws what the work throws in time */
async function inTime(work: Promise<void>, ms: number): Promise<boolean> {
  const { promise: tooLate, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, Math.max(0, ms), false);
  try {
    return await Promise.race([work.then(() => true), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
