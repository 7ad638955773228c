import { beforeEach, describe, expect, it } from '@jest/globals';
import { Breaker } from './breaker.js';
import { Budget } from './budget.js';

let now = 0;
const ticks = (): number => now;
beforeEach(() => { now = 0; });

describe('the breaker of an experiment', () => {
  const opened = (): Breaker => {
    const breaker = new Breaker(ticks);
    for (let n = 0; n < 5; n += 1) breaker.note(true);
    return breaker;
  };

  it('goes off with the fifth failure in a row, and says so once', () => {
    const breaker = new Breaker(ticks);
    expect([1, 2, 3, 4, 5, 6].map(() => breaker.note(true))).toEqual([undefined, undefined, undefined, undefined, 'off', undefined]);
    expect(breaker.allows()).toBe(false);
  });

  it('does not go off for failures between which something went well', () => {
    const breaker = new Breaker(ticks);
    for (let n = 0; n < 20; n += 1) expect(breaker.note(n % 5 !== 4)).toBeUndefined();
    expect(breaker.allows()).toBe(true);
  });

  it('lets one through after its rest, and rests twice as long when that one fails', () => {
    const breaker = opened();
    now = 30_000;
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
    expect(breaker.note(true)).toBeUndefined();
    now = 89_999;
    expect(breaker.allows()).toBe(false);
    now = 90_000;
    expect(breaker.allows()).toBe(true);
  });

  it('goes on again when that one goes well, and says so', () => {
    const breaker = opened();
    now = 30_000;
    breaker.allows();
    expect(breaker.note(false)).toBe('on');
    expect(breaker.allows()).toBe(true);
  });
});

describe('the budget of an experiment', () => {
  it('is a share of the time that passes', () => {
    const budget = new Budget(0.1, 100, ticks);
    let used = 0;
    for (; now < 100_000; now += 1) {
      if (!budget.isLeft) continue;
      budget.spend(7);
      used += 7;
    }
    expect(used).toBeGreaterThan(9_900);
    expect(used).toBeLessThanOrEqual(100 + 10_000 + 7);
  });

  it('of nothing lets no more through than was saved up', () => {
    const budget = new Budget(0, 20, ticks);
    let runs = 0;
    for (; now < 10_000; now += 1) {
      if (!budget.isLeft) continue;
      budget.spend(10);
      runs += 1;
    }
    expect(runs).toBe(2);
  });
});
