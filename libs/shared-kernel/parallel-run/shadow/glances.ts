import type { TapedEnd, TapedInput } from '../tape/entry.js';
import type { Arbiter } from './arbiter.js';
import type { History } from './history.js';
import { endpointOf, outcomeOf, outputsOf } from './outputs.js';
import { Performance } from './performance.js';
import type { Sampler } from './sampler.js';
import { Snapshot } from './snapshot.js';
import type { StageHand } from './stage-hand.js';
import type { Tally } from './tally.js';

/** What it takes to look again. */
export interface GlancesParts {
  readonly hand: StageHand;
  readonly tally: Tally;
  readonly perform: (input: TapedInput) => Promise<unknown>;
  readonly arbiter: Arbiter;
  readonly sampler: Sampler;
  readonly history: History;
}

/** How an input ended that changed nothing. */
type EndOfGlance = TapedEnd & { readonly input: TapedInput };

/** An input that changed nothing, and when it saw what it saw. */
interface Glance {
  readonly end: EndOfGlance;
  readonly before: Snapshot | undefined;
  readonly after: Snapshot | undefined;
  /** Transactions that were played since it was tried first. */
  played: number;
}

/** Inputs that changed nothing. Each is tried at every state between the two snapshots that it may have seen, until one is it. */
export class Glances {
  private waiting: Glance[] = [];

  constructor(private readonly parts: GlancesParts) {}

  /** Those that were not compared yet. */
  get count(): number {
    return this.waiting.length;
  }

  add(end: EndOfGlance): void {
    const before = snapshotOf(end.window?.before);
    // Its state is gone: it was written down later than it is waited for.
    if (before && this.parts.history.isBeyond(before)) this.parts.tally.leftOut('undecided', end.run);
    else this.waiting.push({ end, before, after: snapshotOf(end.window?.after), played: 0 });
  }

  /** Tries what may have been seen before this transaction, which is about to be played. */
  async lookBefore(xid: bigint): Promise<void> {
    for (const glance of this.waiting.splice(0)) {
      if (glance.before?.shows(xid)) this.waiting.push(glance);
      else await this.look(glance, glance.after === undefined || !glance.after.shows(xid));
    }
  }

  /** This transaction was played. */
  pass(xid: bigint): void {
    for (const glance of this.waiting) if (glance.before && !glance.before.shows(xid)) glance.played += 1;
  }

  /** Nothing more is to be played: what was seen is there now, or was there before. */
  async lookAtLast(): Promise<void> {
    for (const glance of this.waiting.splice(0)) await this.look(glance, true);
  }

  /** @param isLast can nothing that is still to be played have been seen by it? */
  private async look(glance: Glance, isLast: boolean): Promise<void> {
    const { end } = glance;
    const { arbiter, tally, sampler } = this.parts;
    const performance = await this.tryOnce(end);
    const [primary, candidate] = outputsOf(performance, end);
    const differences = arbiter.differences(primary, candidate);
    if (differences.length > 0 && !isLast) {
      this.waiting.push(glance);
      return;
    }
    // It saw a state between two moments, or parts of several; none of those that could be tried was it.
    const isDecided = differences.length === 0 || end.window === undefined || (glance.played === 0 && glance.before !== undefined);
    if (!isDecided) return tally.leftOut('undecided', end.run);
    tally.took({ primary: end.ms, candidate: performance.ownMs });
    tally.compared(endpointOf(end.input), outcomeOf(end.ending), { isEqual: differences.length === 0, wrote: false, at: end.input.pinned.at });
    if (differences.length > 0) await sampler.look(performance, []);
    arbiter.report(performance, differences, primary, candidate);
    sampler.complete(performance, end);
  }

  private async tryOnce(end: EndOfGlance): Promise<Performance> {
    const { hand, perform, arbiter } = this.parts;
    const performance = new Performance(end.run, end.input);
    performance.conclude(end);
    performance.start(() => hand.during(performance, () => perform(end.input)));
    if (!(await arbiter.isAtRest(performance))) await arbiter.callOff(performance);
    return performance;
  }
}

function snapshotOf(text: string | null | undefined): Snapshot | undefined {
  return text === null || text === undefined ? undefined : Snapshot.of(text);
}
