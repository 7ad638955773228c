import { describe, expect, it } from '@jest/globals';
import { diffyAlarms } from './diffy.js';
import { playRun } from './run.js';
import { playScenes } from './table.js';

describe('parallel runs with noisy fields, looked at after every comparison', () => {
  const [clean, changed, penny] = playScenes(2_995, 12);
  const raised = (outcome: typeof clean, rule: 'ours' | 'diffy' | 'diffyAtEnd'): number => outcome?.alarms.filter((it) => it[rule] !== undefined && it[rule] !== false).length ?? NaN;

  it('raise no finding when nothing changed, where a fixed rule nearly always does', () => {
    expect([raised(clean, 'ours'), raised(clean, 'diffy')]).toEqual([0, 12]);
  });

  it('find that 30 % became 40 %, which a fixed rule misses at the end', () => {
    expect(raised(changed, 'ours')).toBe(12);
    expect(raised(changed, 'diffyAtEnd')).toBeLessThan(4);
  });

  it('find a penny in 1 of 10,000 with the first one that is seen after calibration', () => {
    expect(raised(penny, 'ours')).toBe(12);
    expect(raised(penny, 'diffyAtEnd')).toBe(0);
  });

  it('are the same again with the same seed', () => {
    const scene = { fields: [{ noise: 0.1, candidate: 0.2 }], comparisons: 1_000 };
    expect(playRun('a', scene)).toEqual(playRun('a', scene));
    expect(playRun('a', scene)).not.toEqual(playRun('b', scene));
  });
});

describe('Diffy\'s rule', () => {
  it.each([
    { counts: { total: 1_000, raw: 400, noise: 300 }, alarms: false, why: '14 % of both' },
    { counts: { total: 1_000, raw: 480, noise: 300 }, alarms: true, why: '23 % of both' },
    { counts: { total: 10_000, raw: 3, noise: 0 }, alarms: false, why: '0.03 % of all, not more' },
    { counts: { total: 10_000, raw: 4, noise: 0 }, alarms: true, why: '0.04 % of all' },
    { counts: { total: 1_000, raw: 300, noise: 480 }, alarms: false, why: 'the control differs more' },
  ])('says $alarms to $why', ({ counts, alarms }) => {
    expect(diffyAlarms(counts)).toBe(alarms);
  });
});
