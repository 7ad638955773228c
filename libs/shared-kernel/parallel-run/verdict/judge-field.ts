import { logEvidence } from '../../facade/index.js';
import type { FieldCounts } from './field-counts.js';
import { EPSILON, MISSED, requiredComparisons } from './required-comparisons.js';

/** Probability that a run without any change ever raises a finding in a noisy field, all fields together. */
const ALPHA = 0.01;

/** What a verdict stands on. */
export interface FieldFigures {
  readonly comparisons: number;
  /** Comparisons in which the candidate differed. */
  readonly differed: number;
  /** Comparisons with control, and how many it takes before its silence means something. */
  readonly control: number;
  readonly controlRequired: number;
  /** Share of the control's comparisons in which the old build differed from itself. */
  readonly noise: number;
  /** Inputs on which candidate and control both differed, only the one, only the other. */
  readonly both: number;
  readonly candidateOnly: number;
  readonly controlOnly: number;
  /** Natural logarithms of the evidence against the candidate, and of what makes it a finding; 0 where there is no noise. */
  readonly logE: number;
  readonly logThreshold: number;
}

/**
 * - `clean`: the candidate never differed, nor did the control
 * - `suspect`: it differed, and the control cannot tell noise from change: it has not been asked often enough, or it only
 *   ever differed together with the candidate; holds the gate
 * - `finding`: it does something else: one strike where there is no noise, evidence where there is
 * - `noisy`: the old build differs from itself too, and nothing speaks for more than that
 */
export type FieldVerdict = FieldFigures & (
  | { readonly is: 'clean' | 'suspect' | 'noisy' }
  | { readonly is: 'finding'; readonly because: 'one strike' | 'evidence' }
);

/** How a parallel run judges. */
export interface JudgedBy {
  /**
   * Does an old build run beside, on a sample? Without one, inputs that are pinned are taken for all there is: the same
   * build would do the same, so one difference is a finding at once. There is no other switch.
   */
  readonly hasControl: boolean;
  /** Of the evidence, over the whole run and all fields; 1 % unless told. */
  readonly alpha?: number;
  /** Noise below this share may pass unseen; 0.1 % unless told. */
  readonly epsilon?: number;
}

/**
 * What the counts of a field say now. It may be asked after every comparison, for the errors are bounded over all looks:
 * - Where the control has made `requiredComparisons` and never differed, one difference of the candidate is a finding.
 *   Noise below ε can have escaped the control, and then becomes a finding for somebody to look at.
 * - Where it did differ, candidate and control are compared in pairs, on the same inputs (McNemar 1947). If the candidate
 *   is no noisier, each pair in which only one of the two differs is a coin that says "candidate" with probability ≤ ½,
 *   and while more pairs speak against the candidate than for it, E is at most the mixture of likelihood ratios over the
 *   coins that are worse than fair: a supermartingale. So it reaches 1/α with probability ≤ α, ever (Ville 1939; the
 *   mixture is Robbins', 1970; see Ramdas, Grünwald, Vovk, Shafer, "Game-theoretic statistics and safe anytime-valid
 *   inference", 2023).
 * - Where the two only ever differ together, the pairs say nothing, for ever: so it is with a change that both have, since
 *   the control is not the build that serves. It stays suspect until one of them differs alone.
 * - α is split by order of appearance: the k-th field gets α/(k·(k+1)). The shares add up to α however many come, and a
 *   field's own share never changes, which an even split among the fields known so far could not promise.
 *
 * It speaks of the counts as they are. A finding stays one where it was recorded, even if noise shows later.
 */
export function judgeField(counts: FieldCounts, { hasControl, alpha = ALPHA, epsilon = EPSILON }: JudgedBy): FieldVerdict {
  const { comparisons, differed, control, controlDiffered: noisy, both, candidateOnly, controlOnly, ordinal } = counts;
  const controlRequired = hasControl ? requiredComparisons(epsilon, MISSED) : 0;
  const logE = noisy > 0 ? logEvidence(candidateOnly, controlOnly) : 0;
  const logThreshold = noisy > 0 ? Math.log((ordinal * (ordinal + 1)) / alpha) : 0;
  const figures: FieldFigures = { comparisons, differed, control, controlRequired, noise: control > 0 ? noisy / control : 0, both, candidateOnly, controlOnly, logE, logThreshold };
  if (both > 0 && candidateOnly + controlOnly === 0) return { is: 'suspect', ...figures };
  if (noisy > 0) return candidateOnly > controlOnly && logE >= logThreshold ? { is: 'finding', because: 'evidence', ...figures } : { is: 'noisy', ...figures };
  if (differed === 0) return { is: 'clean', ...figures };
  return control >= controlRequired ? { is: 'finding', because: 'one strike', ...figures } : { is: 'suspect', ...figures };
}
