import type { Side } from '../stage.js';
import { Evidence } from './evidence.js';

/** One answer, as the facade saw it. */
export interface Observation {
  readonly context: string;
  /** What was asked: only answers to the same are compared. */
  readonly route: string;
  readonly side: Side;
  readonly ms: number;
  /** It was our fault: 5xx, refused, broken off. */
  readonly failed: boolean;
}

/** What is known of a canary. */
export type Verdict =
  | { readonly is: 'worse'; readonly because: string; readonly pairs: number }
  /** Enough was compared, and nothing speaks against it. */
  | { readonly is: 'clean'; readonly pairs: number }
  | { readonly is: 'insufficient'; readonly pairs: number; readonly required: number };

/** Probability of calling a good canary worse, over its whole life; shared by the two tests. */
const ALPHA = 0.01;
/** What a process of its own may cost a request before it counts as slower: the way there, and a tenth. */
const [HOP_MS, FACTOR] = [3, 1.1];
/** A difference of one answer in a hundred would have shown with this probability: n ≥ ln(1/α) / −ln(1−ε). */
export const REQUIRED_PAIRS = Math.ceil(Math.log(1 / 0.05) / -Math.log(1 - 0.01));
/** Answers of the monolith that wait for one of the canary, per route: recent ones, so that both met the same load. */
const WAITING = 8;

interface Trial {
  readonly epoch: number;
  readonly waiting: Map<string, Observation[]>;
  readonly failures: Evidence;
  readonly slowness: Evidence;
  pairs: number;
}

/**
 * Compares what a canary answers with what the monolith answers to the same at the same time, in pairs, each answer in
 * one pair at most. Two tests that may be looked at after every request: who fails where the other does not, and who is
 * slower once the canary is given the price of the way there. Each process judges what it saw itself.
 */
export class CanaryJudge {
  private readonly trials = new Map<string, Trial>();

  /** @param epoch of the context's standing: a new one begins a new trial */
  observe(epoch: number, observation: Observation): void {
    const trial = this.trialOf(observation.context, epoch);
    const waiting = trial.waiting.get(observation.route) ?? [];
    trial.waiting.set(observation.route, waiting);
    if (observation.side === 'embedded') {
      waiting.push(observation);
      if (waiting.length > WAITING) waiting.shift();
      return;
    }
    const beside = waiting.pop();
    if (beside) compare(trial, observation, beside);
  }

  verdict(context: string, epoch: number): Verdict {
    const { pairs, failures, slowness } = this.trialOf(context, epoch);
    if (failures.isWorse(ALPHA / 2)) return { is: 'worse', because: `it failed ${failures.against} times where the monolith did not, and the monolith ${failures.for} times where it did not`, pairs };
    if (slowness.isWorse(ALPHA / 2)) return { is: 'worse', because: `it was slower (by more than ${HOP_MS} ms and a tenth) in ${slowness.against} of ${slowness.against + slowness.for} pairs`, pairs };
    return pairs >= REQUIRED_PAIRS ? { is: 'clean', pairs } : { is: 'insufficient', pairs, required: REQUIRED_PAIRS };
  }

  private trialOf(context: string, epoch: number): Trial {
    const known = this.trials.get(context);
    if (known?.epoch === epoch) return known;
    const trial: Trial = { epoch, waiting: new Map(), failures: new Evidence(), slowness: new Evidence(), pairs: 0 };
    this.trials.set(context, trial);
    return trial;
  }
}

function compare(trial: Trial, canary: Observation, beside: Observation): void {
  trial.pairs += 1;
  if (canary.failed !== beside.failed) trial.failures.note(canary.failed ? 'against' : 'for');
  if (canary.failed || beside.failed) return;
  const ms = (canary.ms - HOP_MS) / FACTOR;
  if (ms !== beside.ms) trial.slowness.note(ms > beside.ms ? 'against' : 'for');
}
