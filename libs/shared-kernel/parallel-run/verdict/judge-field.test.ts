import { describe, expect, it } from '@jest/globals';
import { logEvidence } from '../../facade/index.js';
import { type FieldCounts, counted, firstCounts } from './field-counts.js';
import { judgeField } from './judge-field.js';
import { requiredComparisons } from './required-comparisons.js';

const withControl = { hasControl: true };
const none: FieldCounts = firstCounts(1, { comparisons: 0, control: 0 });
const counts = (some: Partial<FieldCounts>): FieldCounts => ({ ...none, ...some });

describe('the number of comparisons that silence needs', () => {
  it.each([[0.001, 0.05, 2_995], [0.01, 0.05, 299], [0.001, 0.01, 4_603], [0.0001, 0.05, 29_956]])('for ε = %f and α = %f is %i', (epsilon, alpha, required) => {
    expect(requiredComparisons(epsilon, alpha)).toBe(required);
    expect((1 - epsilon) ** required).toBeLessThanOrEqual(alpha);
    expect((1 - epsilon) ** (required - 1)).toBeGreaterThan(alpha);
  });
});

describe('the evidence', () => {
  it('stays exact for counts in the billions', () => {
    const n = 2e9;
    expect(logEvidence(n / 2, n / 2)).toBeCloseTo(0.5 * Math.log(2 / (Math.PI * n)), 3);
  });

  it('is a fair bet: what a pair may bring is on average what was there', () => {
    for (const [b, c] of [[0, 0], [3, 1], [40, 60], [500, 480]] as const) {
      const next = (Math.exp(logEvidence(b + 1, c)) + Math.exp(logEvidence(b, c + 1))) / 2;
      expect(next / Math.exp(logEvidence(b, c))).toBeCloseTo(1, 9);
    }
  });
});

describe('a field that the control never saw differ', () => {
  it('is clean while the candidate does not differ either', () => {
    expect(judgeField(counts({ comparisons: 10_000, control: 100 }), withControl).is).toBe('clean');
  });

  it('is suspect at its first difference until the control was asked often enough, and then a finding', () => {
    const differing = counts({ comparisons: 10_000, differed: 1, control: 2_994 });
    expect(judgeField(differing, withControl)).toMatchObject({ is: 'suspect', control: 2_994, controlRequired: 2_995 });
    expect(judgeField(counted(differing, { candidateDiffered: false }), withControl).is).toBe('suspect');
    expect(judgeField(counted(differing, { candidateDiffered: false, controlDiffered: false }), withControl)).toMatchObject({ is: 'finding', because: 'one strike', differed: 1 });
  });

  it('is a finding at once where there is no control: pinned inputs leave nothing to chance', () => {
    expect(judgeField(counts({ comparisons: 1, differed: 1 }), { hasControl: false })).toMatchObject({ is: 'finding', because: 'one strike', controlRequired: 0 });
  });
});

describe('a field that differs by itself', () => {
  const noisy = counts({ ordinal: 1, comparisons: 5_000, control: 5_000, controlDiffered: 60, differed: 60, both: 40, candidateOnly: 20, controlOnly: 20 });

  it('is noisy, however often the candidate differs with it', () => {
    expect(judgeField(noisy, withControl)).toMatchObject({ is: 'noisy', noise: 0.012 });
  });

  it('is noisy also where it differed before the candidate was there to be held against it', () => {
    expect(judgeField(counts({ comparisons: 1, differed: 1, control: 5_000, controlDiffered: 1_500 }), withControl)).toMatchObject({ is: 'noisy', noise: 0.3 });
  });

  it('is suspect while it only ever differs together with the candidate: a change that both have looks like that, and noise does not', () => {
    const together = counts({ comparisons: 5_000, control: 5_000, differed: 40, controlDiffered: 40, both: 40 });
    expect(judgeField(together, withControl)).toMatchObject({ is: 'suspect', both: 40 });
    for (const alone of [{ candidateDiffered: true, controlDiffered: false }, { candidateDiffered: false, controlDiffered: true }]) expect(judgeField(counted(together, alone), withControl).is).toBe('noisy');
  });

  it('clears a suspect', () => {
    const suspect = counts({ comparisons: 100, control: 100, differed: 1, candidateOnly: 1 });
    expect(judgeField(suspect, withControl).is).toBe('suspect');
    expect(judgeField(counted(suspect, { candidateDiffered: false, controlDiffered: true }), withControl).is).toBe('noisy');
  });

  it('is a finding when the candidate differs too much more often, and none when the control does', () => {
    expect(judgeField({ ...noisy, candidateOnly: 70 }, withControl)).toMatchObject({ is: 'finding', because: 'evidence' });
    expect(judgeField({ ...noisy, controlOnly: 70 }, withControl).is).toBe('noisy');
  });

  it('needs more evidence the later it appeared, so that all of them together err as seldom as one may', () => {
    const share = (ordinal: number): number => Math.exp(-judgeField({ ...noisy, ordinal }, withControl).logThreshold);
    expect([share(1), share(2)].map((it) => Number(it.toFixed(6)))).toEqual([0.005, 0.001667]);
    const all = Array.from({ length: 10_000 }, (_, i) => share(i + 1)).reduce((sum, it) => sum + it, 0);
    expect(all).toBeLessThan(0.01);
  });
});

describe('counting', () => {
  it('tells who differed', () => {
    const seen = [
      { candidateDiffered: true, controlDiffered: true }, { candidateDiffered: true, controlDiffered: false }, { candidateDiffered: false, controlDiffered: true },
      { candidateDiffered: false, controlDiffered: false }, { candidateDiffered: true }, { candidateDiffered: false },
    ];
    expect(seen.reduce(counted, firstCounts(3, { comparisons: 10, control: 5 }))).toEqual({ ordinal: 3, comparisons: 16, differed: 3, control: 9, controlDiffered: 2, both: 1, candidateOnly: 1, controlOnly: 1 });
  });
});
