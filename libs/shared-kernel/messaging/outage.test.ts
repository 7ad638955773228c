import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '../contract/index.js';
import { House } from './test/house.js';
import { until } from './test/until.js';

describe('an outage', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());
  beforeEach(async () => {
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM heard');
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM inbox');
    await house.look('source', 'DELETE FROM counter');
  });

  const attempts = async () => (await house.look<{ attempts: number }>('left', 'SELECT DISTINCT attempts FROM inbox')).map((it) => it.attempts);

  it('of a dependency pauses the context and probes, burns no try and parks nothing', async () => {
    let away = true;
    let calls = 0;
    const instance = await house.instance({
      settings: { attempts: 2 },
      before: (_payload, _envelope, context) => {
        if (context !== 'left') return;
        calls += 1;
        if (away) throw new Unavailable('The breaker is open.');
      },
    });
    for (let n = 0; n < 3; n += 1) await Promise.all(Array.from({ length: 30 }, (_, key) => instance.count(`k${key}`)));
    const paused = async () => (await instance.bus.figures()).find((it) => it.context === 'left')?.paused;
    await until('the context pauses', async () => (await paused())?.includes('The breaker is open.') ?? false);
    await until('it has probed more often than tries are allowed', () => calls > 10);
    expect(calls).toBeLessThan(90);
    expect((await house.statuses('left'))['parked']).toBeUndefined();
    away = false;
    await until('the bus is idle', () => instance.bus.idle());
    expect(await paused()).toBeUndefined();
    expect(await attempts()).toEqual([1]);
    expect(Object.values(await house.heard('left'))).toEqual(Array.from({ length: 30 }, () => [1, 2, 3]));
    await instance.stop();
  });

  it('that only one key has leaves the other keys alone', async () => {
    let away = true;
    const instance = await house.instance({
      before: ({ key }, _envelope, context) => { if (away && context === 'left' && key === 'a') throw new Unavailable('Not for this one.'); },
    });
    for (let n = 0; n < 10; n += 1) await Promise.all(['a', 'b', 'c'].map((key) => instance.count(key)));
    const all = Array.from({ length: 10 }, (_, at) => at + 1);
    await until('the others are through', async () => Object.values(await house.heard('left')).flat().length === 20);
    expect(await house.heard('left')).toEqual({ b: all, c: all });
    away = false;
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ a: all, b: all, c: all });
    expect(await attempts()).toEqual([1]);
    await instance.stop();
  });

  it('of the database in the middle of handling burns no try, loses and doubles nothing', async () => {
    const instance = await house.instance({ settings: { attempts: 2 } });
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(Array.from({ length: 40 }, (_, key) => instance.count(`k${key}`)));
      await until('handling is under way', async () => Object.keys(await house.heard('left')).length > 0);
      await house.takeAway();
      await until('the outage was noticed', async () => !(await reaches(instance.databases.left.query('SELECT 1'))));
      await house.giveBack();
    }
    await until('the bus is idle', () => instance.bus.idle().catch(() => false));
    expect(Object.values(await house.heard('left'))).toEqual(Array.from({ length: 40 }, () => [1, 2, 3]));
    expect(Object.values(await house.heard('right'))).toEqual(Array.from({ length: 40 }, () => [1, 2, 3]));
    expect((await attempts()).filter((it) => it > 1)).toEqual([]);
    await instance.stop();
  });
});

async function reaches(work: Promise<unknown>): Promise<boolean> {
  return work.then(() => true, () => false);
}
