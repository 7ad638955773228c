import { describe, expect, it } from '@jest/globals';
import { deadlineIn, runInput } from '../runtime/index.js';
import { eventually } from '../testing/plain.js';
import { Dependency } from './index.js';
import { RetryBudget } from './retry-budget.js';

class Away extends Error {}
const settings = { isOutage: (error: unknown) => error instanceof Away, firstProbeMs: 50 };
const unavailable = { code: 'unavailable' };

describe('a dependency', () => {
  it('is asked again when it is away for a moment and that is safe, and not when it says no', async () => {
    const dependency = new Dependency('bank', settings);
    let tries = 0;
    expect(await dependency.run(async () => { tries += 1; if (tries < 3) throw new Away(); return 'yes'; }, true)).toBe('yes');
    tries = 0;
    await expect(dependency.run(async () => { tries += 1; throw new Error('no'); }, true)).rejects.toThrow('no');
    expect(tries).toBe(1);
  });

  it('is not asked again for what must not be done twice', async () => {
    let tries = 0;
    await expect(new Dependency('bank', settings).run(async () => { tries += 1; throw new Away(); }, false)).rejects.toThrow(Away);
    expect(tries).toBe(1);
  });

  it('is not asked again when the time is up before the pause would be', async () => {
    let tries = 0;
    const dependency = new Dependency('bank', settings);
    await expect(runInput({ deadline: deadlineIn(1) }, () => dependency.run(async () => { tries += 1; throw new Away(); }, true))).rejects.toThrow(Away);
    expect(tries).toBe(1);
  });

  it('is left alone after several outages in a row, and goes on when a probe succeeds', async () => {
    const dependency = new Dependency('bank', settings);
    let asked = 0;
    let isAway = true;
    const ask = () => dependency.run(async () => { asked += 1; if (isAway) throw new Away(); return 'yes'; }, false);
    for (let n = 0; n < 5; n += 1) await expect(ask()).rejects.toThrow(Away);
    await expect(ask()).rejects.toMatchObject(unavailable);
    expect(asked).toBe(5);
    isAway = false;
    await eventually(async () => { expect(await ask()).toBe('yes'); });
    expect(asked).toBe(6);
  });

  it('does not open for refusals: they are answers', async () => {
    const dependency = new Dependency('bank', settings);
    for (let n = 0; n < 20; n += 1) await expect(dependency.run(async () => { throw new Error('no'); }, true)).rejects.toThrow('no');
    expect(await dependency.run(async () => 'yes', true)).toBe('yes');
  });

  it('has only so many calls at the same time, and refuses what would wait behind too many', async () => {
    const dependency = new Dependency('bank', { ...settings, concurrency: 2, queue: 1 });
    const { promise, resolve } = Promise.withResolvers<string>();
    let most = 0;
    let now = 0;
    const call = () => dependency.run(async () => { now += 1; most = Math.max(most, now); await promise; now -= 1; return 'done'; }, false);
    const calls = [call(), call(), call()];
    await expect(call()).rejects.toMatchObject(unavailable);
    resolve('go');
    expect(await Promise.all(calls)).toEqual(['done', 'done', 'done']);
    expect(most).toBe(2);
  });

  it('is repeated for a tenth of the calls at most when it is away altogether', async () => {
    const budget = new RetryBudget(0.1, 10);
    let repeated = 0;
    for (let call = 0; call < 1_000; call += 1) {
      budget.deposit();
      while (budget.withdraw()) repeated += 1;
    }
    expect(repeated).toBeLessThanOrEqual(110);
    expect(repeated).toBeGreaterThan(90);
  });
});
