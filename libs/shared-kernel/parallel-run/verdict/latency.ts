import { logEvidence } from '../../facade/index.js';
import { EPSILON, requiredComparisons } from './required-comparisons.js';

/** How much slower the slowest hundredth may be. */
const FACTOR = 1.1;
/** Probability of calling a candidate slower that is not, over the whole run. */
const ALPHA = 0.01;

/** The slow answers of both sides to the same inputs; plain numbers to be stored. */
export interface LatencyCounts {
  /** What is slow for the primary: its 99th percentile before the first pair. It stays as it is. */
  readonly slowMs: number;
  readonly pairs: number;
  /** Only the candidate was slow (beyond its tenth), only the primary, both. */
  readonly candidateOnly: number;
  readonly primaryOnly: number;
  readonly both: number;
}

/**
 * - `slower`: the share of the candidate's answers beyond p99 + 10 % is larger than one in a hundred
 * - `not slower`: enough was compared, and nothing speaks for that
 */
export type LatencyVerdict = Omit<LatencyCounts, 'both'> & { readonly is: 'slower' | 'not slower' | 'insufficient'; readonly required: number; readonly logE: number };

/** Counts that begin. @param primaryMs durations of the primary, measured before; they are not used again */
export function firstLatencies(primaryMs: readonly number[]): LatencyCounts {
  const sorted = primaryMs.toSorted((a, b) => a - b);
  const slowMs = sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? Infinity;
  return { slowMs, pairs: 0, candidateOnly: 0, primaryOnly: 0, both: 0 };
}

/** The counts after one more input that both sides answered. */
export function withLatency(counts: LatencyCounts, ms: { readonly primary: number; readonly candidate: number }): LatencyCounts {
  const [primary, candidate] = [ms.primary > counts.slowMs, ms.candidate > counts.slowMs * FACTOR];
  return {
    slowMs: counts.slowMs,
    pairs: counts.pairs + 1,
    candidateOnly: counts.candidateOnly + (candidate && !primary ? 1 : 0),
    primaryOnly: counts.primaryOnly + (primary && !candidate ? 1 : 0),
    both: counts.both + (primary && candidate ? 1 : 0),
  };
}

/**
 * Whether the candidate's slowest hundredth is slower than the primary's by more than a tenth; may be asked after every
 * pair. When it is exactly a tenth slower, "only the candidate was slow" and "only the primary was" are equally likely, so
 * the test is that of noisy fields. As with a canary, silence counts only once enough was compared; it says that nothing
 * speaks against the candidate, not that it is faster.
 */
export function judgeLatency({ slowMs, pairs, candidateOnly, primaryOnly }: LatencyCounts, { alpha = ALPHA, epsilon = EPSILON }: { readonly alpha?: number; readonly epsilon?: number } = {}): LatencyVerdict {
  const [logE, required] = [logEvidence(candidateOnly, primaryOnly), requiredComparisons(epsilon)];
  const isSlower = candidateOnly > primaryOnly && logE >= -Math.log(alpha);
  const is = isSlower ? 'slower' : pairs >= required && slowMs < Infinity ? 'not slower' : 'insufficient';
  return { is, slowMs, pairs, candidateOnly, primaryOnly, required, logE };
}
