import { describe, expect, it } from '@jest/globals';
import { LaneQueue } from './lane-queue.js';

describe('the lane queue', () => {
  it('hands out each marked lane once, in the order of marking', async () => {
    const queue = new LaneQueue();
    queue.mark([3, 1, 3]);
    expect([await queue.take(), await queue.take()]).toEqual([3, 1]);
    queue.close();
  });

  it('does not give a lane to a second worker before the first has given it back', async () => {
    const queue = new LaneQueue();
    queue.mark([1]);
    await queue.take();
    queue.mark([1, 2]);
    expect(await queue.take()).toBe(2);
    const next = queue.take();
    queue.giveBack(1);
    expect(await next).toBe(1);
    queue.close();
  });

  it('wakes every waiting worker that has something to do', async () => {
    const queue = new LaneQueue();
    const workers = [queue.take(), queue.take(), queue.take()];
    queue.mark([5, 6]);
    queue.markLater(7, 1);
    expect((await Promise.all(workers)).sort()).toEqual([5, 6, 7]);
    queue.close();
  });

  it('marks a lane once for however many wishes to have it marked by the same time', async () => {
    const queue = new LaneQueue();
    for (let wish = 0; wish < 3; wish += 1) queue.markLater(1, 20);
    queue.markLater(1, 5);
    const marked: number[] = [];
    const counting = (async () => {
      for (let lane = await queue.take(); lane !== undefined; lane = await queue.take()) {
        marked.push(lane);
        queue.giveBack(lane);
      }
    })();
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    queue.close();
    await counting;
    expect(marked).toEqual([1, 1]);
  });

  it('sends every worker home when it closes', async () => {
    const queue = new LaneQueue();
    const workers = [queue.take(), queue.take()];
    queue.close();
    expect(await Promise.all(workers)).toEqual([undefined, undefined]);
    expect(await queue.take()).toBeUndefined();
  });
});
