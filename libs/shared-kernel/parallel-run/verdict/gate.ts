import type { Check } from '../../facade/index.js';
import type { LatencyCounts } from './latency.js';
import { comparisonsCheck, coverageCheck, differencesCheck, latencyCheck, waiversCheck } from './gate-checks.js';
import { EPSILON, MISSED, requiredComparisons } from './required-comparisons.js';
import type { ContractPart, CoverageCell, FieldStanding } from './standing.js';
import { type Waiver, waiverFor } from './waivers.js';

/** All that decides whether a candidate may go on. */
export interface GateInput {
  readonly coverage: readonly CoverageCell[];
  readonly contract: readonly ContractPart[];
  /** Fields in which anything ever differed; findings that were recorded stay findings. */
  readonly fields: readonly FieldStanding[];
  readonly waivers: readonly Waiver[];
  /** Durations of both sides; left out where nobody takes them. */
  readonly latency?: LatencyCounts;
  readonly at: Date;
  /** What share of differing inputs may remain unseen, and how surely not more; 0.1 % and 5 % unless told. */
  readonly epsilon?: number;
  readonly alpha?: number;
}

/** Whether the gate is open, and why not. */
export interface Gate {
  readonly opens: boolean;
  /** Share of comparisons, at least, in which nothing differed but noise; waived differences count against it. 0 without comparisons. */
  readonly score: number;
  readonly checks: readonly Check[];
}

/** Looks at everything that promotion needs. What is not known holds; it never promotes. */
export function gate(input: GateInput): Gate {
  const { coverage, contract, fields, waivers, at, latency, epsilon = EPSILON, alpha = MISSED } = input;
  const differing = fields.filter(({ verdict: { is } }) => is === 'finding' || is === 'suspect');
  const waived = differing.filter((it) => waiverFor(waivers, it, at));
  const open = differing.filter((it) => !waived.includes(it));
  const score = scoreOf(coverage, differing);
  const checks = [
    differencesCheck('finding', open.filter((it) => it.verdict.is === 'finding')),
    differencesCheck('suspect', open.filter((it) => it.verdict.is === 'suspect')),
    waiversCheck(waivers, waived, score, at),
    comparisonsCheck(coverage, requiredComparisons(epsilon, alpha), { epsilon, alpha }),
    coverageCheck(coverage, contract),
    ...(latency ? [latencyCheck(latency, epsilon)] : []),
  ];
  return { opens: checks.every(({ ok }) => ok), score, checks };
}

function scoreOf(coverage: readonly CoverageCell[], differing: readonly FieldStanding[]): number {
  const compared = coverage.reduce((sum, it) => sum + it.compared, 0);
  const differed = differing.reduce((sum, { verdict }) => sum + verdict.differed, 0);
  return compared === 0 ? 0 : Math.max(0, 1 - differed / compared);
}
