import type { Difference } from '../../comparison/index.js';
import { type LatencyCounts, firstLatencies, withLatency } from '../verdict/latency.js';
import type { TapedInput } from '../tape/entry.js';
import type { InputTape } from './input-tape.js';

/** One input that both sides did differently. */
export interface Mismatch {
  readonly endpoint: string;
  readonly run: string;
  readonly input: TapedInput;
  readonly differences: readonly Difference[];
  /** What both did, for people. */
  readonly primary: unknown;
  readonly candidate: unknown;
  /** Is it known which rows were there before it? Then all of it will be taped when it has ended. */
  readonly isStated: boolean;
}

/** All that it takes to do a mismatch again elsewhere. */
export interface Taped {
  readonly endpoint: string;
  readonly run: string;
  readonly tape: InputTape;
}

/** How often the inputs of one endpoint ended in one way, and how many of them were the same on both sides. */
export interface Covered {
  readonly endpoint: string;
  readonly outcome: string;
  compared: number;
  equal: number;
  /** How many changed rows or announced events. */
  wrote: number;
}

/** What is to be known of an input that was compared. */
export interface Compared {
  readonly isEqual: boolean;
  readonly wrote: boolean;
  /** When it came in. */
  readonly at: Date;
}

export const counters = ['applied', 'skipped', 'undecided', 'unanswered', 'dropped'] as const;
/**
 * What was not compared. applied: transactions whose rows were taken over, since nothing was known of their input or it had
 * diverged. skipped: ends of inputs that had begun before. undecided: no one of the states that an input may have seen gave its
 * answer. unanswered: how an input ended is not on the tape, or the original had no time or no database to end it. dropped: there was no room on the tape.
 */
export type Counter = (typeof counters)[number];

/** What a player has found since it was asked last. */
export interface Tallied {
  readonly covered: readonly Covered[];
  readonly mismatches: readonly Mismatch[];
  readonly tapes: readonly Taped[];
  /** Inputs that were not compared, or not to their end. */
  readonly leftOut: readonly string[];
  /** When the latest input came in that was compared. */
  readonly reachedAt: Date | undefined;
  readonly counts: Readonly<Record<Counter, number>>;
  /** Of all inputs so far; undefined while what is slow is being learnt. */
  readonly latency: LatencyCounts | undefined;
}

/** Inputs whose times tell what is slow. */
const LEARNT_FROM = 200;

/** Keeps count between two notes of the progress. */
export class Tally {
  private covered = new Map<string, Covered>();
  private mismatches: Mismatch[] = [];
  private tapes: Taped[] = [];
  private notCompared: string[] = [];
  private reachedAt: Date | undefined;
  private counts: Record<Counter, number> = none();
  private learning: number[] = [];

  /** @param latency of the inputs before */
  constructor(private latency?: LatencyCounts) {}

  /** How long both sides took for one input, in milliseconds. The first ones tell what is slow. */
  took(ms: { readonly primary: number; readonly candidate: number }): void {
    if (this.latency) this.latency = withLatency(this.latency, ms);
    else if (this.learning.push(ms.primary) === LEARNT_FROM) this.latency = firstLatencies(this.learning);
  }

  compared(endpoint: string, outcome: string, { isEqual, wrote, at }: Compared): void {
    const key = `${endpoint}\n${outcome}`;
    const covered = this.covered.get(key) ?? { endpoint, outcome, compared: 0, equal: 0, wrote: 0 };
    if (this.reachedAt === undefined || at > this.reachedAt) this.reachedAt = at;
    this.covered.set(key, covered);
    covered.compared += 1;
    if (isEqual) covered.equal += 1;
    if (wrote) covered.wrote += 1;
  }

  differ(mismatch: Mismatch): void {
    this.mismatches.push(mismatch);
  }

  taped(taped: Taped): void {
    this.tapes.push(taped);
  }

  count(counter: Counter, by = 1): void {
    this.counts[counter] += by;
  }

  /** Counts an input that nothing can be said of; a control has to tell it from one that was the same. */
  leftOut(counter: Counter, input: string): void {
    this.count(counter);
    this.notCompared.push(input);
  }

  /** All of it, once. */
  take(): Tallied {
    const taken = { covered: [...this.covered.values()], mismatches: this.mismatches, tapes: this.tapes, leftOut: this.notCompared, reachedAt: this.reachedAt, counts: this.counts, latency: this.latency };
    this.covered = new Map();
    this.mismatches = [];
    this.tapes = [];
    this.notCompared = [];
    this.counts = none();
    return taken;
  }
}

function none(): Record<Counter, number> {
  return { applied: 0, skipped: 0, undecided: 0, unanswered: 0, dropped: 0 };
}
