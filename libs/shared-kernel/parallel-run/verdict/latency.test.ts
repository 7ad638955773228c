import { describe, expect, it } from '@jest/globals';
import { Dice } from './dice.fixture.js';
import { type LatencyCounts, firstLatencies, judgeLatency, withLatency } from './latency.js';

/** A run of pairs with long tails, looked at after each. @param slower how much, as a factor */
function play(seed: number, slower: number, pairs: number): { is: string; after: number } {
  const dice = new Dice(seed);
  const primary = (): number => 20 * Math.exp(0.5 * dice.normal());
  let counts: LatencyCounts = firstLatencies(Array.from({ length: 2_000 }, primary));
  for (let n = 1; n <= pairs; n += 1) {
    counts = withLatency(counts, { primary: primary(), candidate: primary() * slower });
    if (judgeLatency(counts).is === 'slower') return { is: 'slower', after: n };
  }
  return { is: judgeLatency(counts).is, after: pairs };
}

const seeds = Array.from({ length: 60 }, (_, i) => 700 + i);

describe('latency, looked at after every pair', () => {
  it('holds until enough was compared', () => {
    expect(judgeLatency(firstLatencies([1, 2, 3]))).toMatchObject({ is: 'insufficient', required: 2_995, slowMs: 3 });
    const almost = { slowMs: 3, pairs: 2_994, candidateOnly: 0, primaryOnly: 0, both: 0 };
    expect([judgeLatency(almost).is, judgeLatency(withLatency(almost, { primary: 1, candidate: 1 })).is]).toEqual(['insufficient', 'not slower']);
  });

  it('holds for ever when nothing is known about the primary', () => {
    expect(judgeLatency({ ...firstLatencies([]), pairs: 10_000 }).is).toBe('insufficient');
  });

  it('does not call a candidate slower that is a tenth slower, or as fast', () => {
    const called = seeds.flatMap((seed) => [play(seed, 1, 4_000), play(seed, 1.1, 4_000)]).filter(({ is }) => is === 'slower');
    expect(called.length).toBeLessThanOrEqual(2);
  });

  it('finds one that is twice as slow', () => {
    expect(seeds.slice(0, 20).filter((seed) => play(seed, 2, 3_000).is === 'slower')).toHaveLength(20);
  });
});
