import { describe, expect, it } from '@jest/globals';
import { LaneLocks } from './lane-locks.js';

const HOUR = 3_600_000;

describe('the locks on lanes', () => {
  it('let those work at the same time that want different lanes', async () => {
    const locks = new LaneLocks(9);
    expect(await locks.acquire([1, 2], 0)).toBeDefined();
    expect(await locks.acquire([3], 0)).toBeDefined();
    expect(await locks.acquire([2, 4], 0)).toBeUndefined();
  });

  it('let the others in one after the other, in the order in which they came', async () => {
    const locks = new LaneLocks(9);
    const story: string[] = [];
    const first = await locks.acquire([1, 2], HOUR);
    const work = async (name: string, lanes: number[]) => {
      const giveBack = await locks.acquire(lanes, HOUR);
      story.push(name);
      giveBack?.();
    };
    const all = [work('both', [2, 1]), work('one', [1]), work('two', [2])];
    first?.();
    await Promise.all(all);
    expect(story).toEqual(['both', 'one', 'two']);
  });

  it('let nobody pass who wants a lane that somebody else waits for', async () => {
    const locks = new LaneLocks(9);
    const first = await locks.acquire([1], HOUR);
    const both = locks.acquire([1, 2], HOUR);
    const second = locks.acquire([2], HOUR);
    first?.();
    (await both)?.();
    expect(await second).toBeDefined();
  });

  it('let no more in than there may be, whatever they want', async () => {
    const locks = new LaneLocks(2);
    const [first] = [await locks.acquire([1], 0), await locks.acquire([2], 0)];
    const third = locks.acquire([3], HOUR);
    expect(await locks.acquire([4], 1)).toBeUndefined();
    first?.();
    expect(await third).toBeDefined();
  });

  it('let those go on who waited behind one that gave up', async () => {
    const locks = new LaneLocks(9);
    await locks.acquire([1], HOUR);
    const impatient = locks.acquire([1, 2], 1);
    const second = locks.acquire([2], HOUR);
    expect(await impatient).toBeUndefined();
    expect(await second).toBeDefined();
  });
});
