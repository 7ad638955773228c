import { describe, expect, it } from '@jest/globals';
import { Evidence } from './evidence.js';
import { CanaryJudge, type Verdict } from './judge.js';

/** A small, quick generator (mulberry32): the simulations draw millions. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Build {
  /** Share of answers that fail, beside what fails anyhow. */
  readonly failing?: number;
  readonly slower?: number;
}

interface Outcome {
  readonly verdict: Verdict;
  readonly requests: number;
}

const [BASE_MS, HOP_MS, FAILING] = [25, 2, 0.005];

/** A canary under noisy traffic: heavy tails, a load that drifts, some failures on both sides; looked at after each of its answers. */
function canary(seed: number, build: Build, most = 6_000): Outcome {
  const draw = chance(seed);
  const [judge, share] = [new CanaryJudge(), 0.01 + 0.49 * draw()];
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
  for (let n = 1; n <= most; n += 1) {
    const side = draw() < share ? 'extracted' : 'embedded';
    const load = 1 + 0.5 * Math.sin(n / 500);
    const own = side === 'extracted' ? build : {};
    const ms = BASE_MS * load * Math.exp(0.4 * normal()) * (1 + (own.slower ?? 0)) + (side === 'extracted' ? HOP_MS : 0);
    judge.observe(1, { context: 'c', route: draw() < 0.7 ? 'GET' : 'POST', side, ms, failed: draw() < FAILING + (own.failing ?? 0) });
    if (side === 'embedded') continue;
    const verdict = judge.verdict('c', 1);
    if (verdict.is === 'worse') return { verdict, requests: n };
  }
  return { verdict: judge.verdict('c', 1), requests: most };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const seeds = Array.from({ length: 200 }, (_, at) => 1_000 + at);
const few = seeds.slice(0, 30);

describe('the evidence against a canary', () => {
  it.each([[0, 0, 1], [1, 0, 1], [5, 0, 7.875], [10, 0, 180.4257], [11, 0, 344.4491], [6, 5, 0.2461]])('is E for %i against and %i for: %f', (b, c, e) => {
    const evidence = new Evidence();
    evidence.against = b;
    evidence.for = c;
    expect(Math.exp(evidence.logE)).toBeCloseTo(e, 2);
  });

  it('counts against the canary only when more speaks against it than for it', () => {
    const evidence = new Evidence();
    evidence.for = 50;
    expect([evidence.logE > 20, evidence.isWorse(0.005)]).toEqual([true, false]);
  });
});

describe('the judgement of canaries, looked at after every request', () => {
  it('calls at most one in a hundred clean ones worse', () => {
    const rolledBack = seeds.filter((seed) => canary(seed, {}).verdict.is === 'worse');
    expect(rolledBack.length).toBeLessThanOrEqual(2);
  });

  it('finds one answer in a hundred that fails more, where there is traffic enough', () => {
    const outcomes = few.map((seed) => canary(seed, { failing: 0.01 }, 30_000)).filter(({ verdict }) => verdict.pairs > 3_000 || verdict.is === 'worse');
    const found = outcomes.filter(({ verdict }) => verdict.is === 'worse');
    expect(found.length / outcomes.length).toBeGreaterThan(0.9);
  });

  it('finds 30 % more latency in nearly all, mostly within some hundred requests', () => {
    const outcomes = few.map((seed) => canary(seed, { slower: 0.3 }, 20_000));
    const found = outcomes.filter(({ verdict }) => verdict.is === 'worse');
    expect(found.length / few.length).toBeGreaterThan(0.9);
    expect(median(found.map(({ requests }) => requests))).toBeLessThan(6_000);
  });

  it('says that it does not know while too little was compared, and clean when enough was', () => {
    const judge = new CanaryJudge();
    const answer = (side: 'embedded' | 'extracted') => judge.observe(1, { context: 'c', route: 'GET', side, ms: 10, failed: false });
    expect(judge.verdict('c', 1)).toEqual({ is: 'insufficient', pairs: 0, required: 299 });
    for (let n = 0; n < 299; n += 1) { answer('embedded'); answer('extracted'); }
    expect(judge.verdict('c', 1)).toEqual({ is: 'clean', pairs: 299 });
  });

  it('begins anew with every move of the context', () => {
    const judge = new CanaryJudge();
    for (let n = 0; n < 30; n += 1) {
      judge.observe(1, { context: 'c', route: 'GET', side: 'embedded', ms: 1, failed: false });
      judge.observe(1, { context: 'c', route: 'GET', side: 'extracted', ms: 1, failed: true });
    }
    expect(judge.verdict('c', 1).is).toBe('worse');
    expect(judge.verdict('c', 2)).toEqual({ is: 'insufficient', pairs: 0, required: 299 });
  });
});
