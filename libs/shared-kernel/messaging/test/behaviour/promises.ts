import { describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { Unavailable } from '../../../contract/index.js';
import { Chance, newSeed } from '../../../testing/plain.js';
import { redrive } from '../operator.js';
import { until } from '../until.js';
import type { PlacementName } from './placements.js';
import { type Stage, oneTo, stageFor } from './stage.js';

const startedWith = newSeed();

/** What the bus promises, in the same words and with the same checks for every placement. */
export function promisesHold(name: PlacementName): void {
  describe(`the bus ${name} (SEED=${startedWith})`, () => {
    const stage = stageFor(name);
    onOrdinaryDays(stage);
    whenHandlersFail(stage);
    whenEverythingFails(stage);
  });
}

function onOrdinaryDays(stage: Stage): void {
  it('lets every subscribed context handle what was committed, once and in order per key', async () => {
    const [one, other] = [await stage.app(), await stage.app()];
    for (let n = 0; n < 30; n += 1) await Promise.all(['a', 'b', 'c', 'd'].map((key, at) => (at % 2 === 0 ? one : other).source.count(key)));
    await stage.idle(one);
    const all = Object.fromEntries(['a', 'b', 'c', 'd'].map((key) => [key, oneTo(30)]));
    expect(await stage.heard('left')).toEqual(all);
    expect(await stage.heard('right')).toEqual(all);
  });

  it('shows nobody an event of a transaction that rolled back', async () => {
    const app = await stage.app();
    await expect(app.source.count('gone', () => { throw new Error('changed my mind'); })).rejects.toThrow('changed my mind');
    await app.source.count('kept');
    await stage.idle(app);
    expect(await stage.heard('left')).toEqual({ kept: [1] });
  });

  it('goes on where another process stopped', async () => {
    const first = await stage.app({ settings: { laneBatch: 2 } });
    for (let n = 0; n < 30; n += 1) await first.source.count('a');
    await first.stop();
    const second = await stage.app();
    await second.source.count('a');
    await stage.idle(second);
    expect(await stage.heard('left')).toEqual({ a: oneTo(31) });
  });
}

function whenHandlersFail(stage: Stage): void {
  it('keeps the order of a key while an event of it fails, and lets the other keys flow', async () => {
    let fails = true;
    const app = await stage.app({
      settings: { attempts: 1_000 },
      before: ({ key, n }, _envelope, context) => { if (fails && context === 'left' && key === 'a' && n === 2) throw new Error('not yet'); },
    });
    for (let n = 0; n < 5; n += 1) await Promise.all([app.source.count('a'), app.source.count('b')]);
    const nothingElseCan = { a: [1], b: oneTo(5) };
    await until('b is through and a is stuck', async () => isDeepStrictEqual({ ...await stage.heard('left') }, nothingElseCan));
    fails = false;
    await stage.idle(app);
    expect(await stage.heard('left')).toEqual({ a: oneTo(5), b: oneTo(5) });
  });

  it('parks an event that keeps failing with all later ones of its key, and a redrive replays the key in order', async () => {
    let fails = true;
    const app = await stage.app({
      settings: { attempts: 2 },
      before: ({ key, n }, _envelope, context) => { if (fails && context === 'left' && key === 'a' && n === 3) throw new Error('broken'); },
    });
    for (let n = 0; n < 5; n += 1) await Promise.all([app.source.count('a'), app.source.count('b')]);
    await stage.idle(app);
    expect(await stage.heard('left')).toEqual({ a: [1, 2], b: oneTo(5) });
    expect((await app.listeners.bus.figures()).find((it) => it.context === 'left')?.parked).toBe(3);
    fails = false;
    await redrive(app.listeners, { key: 'a' });
    await stage.idle(app);
    expect(await stage.heard('left')).toEqual({ a: oneTo(5), b: oneTo(5) });
  });

  it('pauses while a dependency is down, counts no try and parks nothing', async () => {
    let away = true;
    let calls = 0;
    const app = await stage.app({
      settings: { attempts: 2 },
      before: (_payload, _envelope, context) => {
        if (context !== 'left') return;
        calls += 1;
        if (away) throw new Unavailable('The breaker is open.');
      },
    });
    for (let n = 0; n < 3; n += 1) await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => app.source.count(key)));
    await until('it was probed more often than tries are allowed', () => calls > 6);
    expect((await stage.house.statuses('left'))['parked']).toBeUndefined();
    away = false;
    await stage.idle(app);
    expect(Object.values(await stage.heard('left'))).toEqual(Array.from({ length: 5 }, () => [1, 2, 3]));
  });
}

function whenEverythingFails(stage: Stage): void {
  it('keeps all of this while copies of the app come and go, handlers fail and connections are cut', async () => {
    const chance = new Chance(`${stage.name} ${startedWith}`);
    const before = async (): Promise<void> => {
      if (chance.next() < 0.05) await sleep(chance.below(10));
      if (chance.next() < 0.05) throw new Error('one of those days');
    };
    const options = { before, settings: { attempts: 1_000, laneBatch: 8 } };
    const steady = await stage.app(options);
    const guests = (async () => {
      for (let visit = 0; visit < 3; visit += 1) {
        const guest = await stage.app(options);
        await sleep(chance.below(200));
        await stage.house.cutConnections(0.2);
        await guest.stop();
      }
    })();
    const keys = Array.from({ length: 7 }, (_, at) => `k${at}`);
    for (let n = 0; n < 25; n += 1) await Promise.all(keys.map((key) => steady.source.count(key).catch(() => 0)));
    await guests;
    await stage.idle(steady);
    const expected = await stage.counted();
    expect(await stage.heard('left')).toEqual(expected);
    expect(await stage.heard('right')).toEqual(expected);
  });
}
