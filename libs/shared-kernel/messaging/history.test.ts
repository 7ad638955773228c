import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { contextNames } from './test/contexts.js';
import { House } from './test/house.js';
import type { Instance } from './test/instance.js';
import { Chance, seedFrom } from './test/seeded.js';
import { until } from './test/until.js';

const KEYS = 7;
const COMMITS = 60;
const PRODUCERS = 6;
const startedWith = seedFrom(process.env['SEED']);

describe(`random histories (SEED=${startedWith})`, () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());

  it('keep order and effects with several instances, long transactions, failing handlers and cut connections', async () => {
    const chance = new Chance(`history ${startedWith}`);
    const before = async () => {
      if (chance.next() < 0.1) await sleep(chance.below(15));
      if (chance.next() < 0.08) throw new Error('one of those days');
    };
    const settings = { attempts: 1_000, laneBatch: 8, firstDelayMs: 40, longestDelayMs: 120 };
    const instances = [await house.instance({ before, settings }), await house.instance({ before, settings }), await house.instance({ before, settings })];

    const produced = await meanwhileCutting(house, chance, () => Promise.all(Array.from({ length: PRODUCERS }, (_, at) => produce(instances, new Chance(`producer ${at} ${startedWith}`)))));
    await until('the bus is idle', () => instances[0]?.bus.idle().catch(() => false) ?? false, 50_000);

    const expected = Object.fromEntries((await house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter')).map(({ key, n }) => [key, oneTo(n)]));
    expect(produced.flat().length).toBeGreaterThan(PRODUCERS * COMMITS / 2);
    expect(await house.heard('left')).toEqual(expected);
    expect(await house.heard('right')).toEqual(expected);
    expect(await house.look('source', 'SELECT FROM outbox_unread')).toHaveLength(0);
    await Promise.all(instances.map((it) => it.stop()));
  });

  it('survive the stop and start of instances at any time', async () => {
    const chance = new Chance(`coming and going ${startedWith}`);
    for (const context of contextNames) await house.look(context, 'DELETE FROM heard');
    await house.look('source', 'DELETE FROM counter');
    const steady = await house.instance();
    const over = new AbortController();
    const coming = (async () => {
      while (!over.signal.aborted) {
        const guest = await house.instance();
        await sleep(chance.below(150));
        await guest.stop();
      }
    })();
    await Promise.all(Array.from({ length: PRODUCERS }, (_, at) => produce([steady], new Chance(`steady ${at} ${startedWith}`))));
    over.abort();
    await coming;
    await until('the bus is idle', () => steady.bus.idle());
    const expected = Object.fromEntries((await house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter')).map(({ key, n }) => [key, oneTo(n)]));
    expect(await house.heard('left')).toEqual(expected);
    expect(await house.heard('right')).toEqual(expected);
    await steady.stop();
  });
});

/**
 * Commits steps of random keys through random instances. Some transactions stay open for long after their events have
 * their positions, some fail at the very end, some lose their connection.
 */
async function produce(instances: readonly Instance[], chance: Chance): Promise<number[]> {
  const committed: number[] = [];
  for (let commit = 0; commit < COMMITS; commit += 1) {
    const instance = instances[chance.below(instances.length)];
    if (!instance) throw new Error('There is no instance.');
    const { source } = instance.databases;
    const [long, fails] = [chance.next() < 0.15, chance.next() < 0.1];
    const atTheEnd = async () => {
      if (long) await sleep(chance.below(60));
      if (fails) throw new Error('rolled back');
    };
    await instance.count(`k${chance.below(KEYS)}`, () => source.beforeCommit('test.linger', atTheEnd)).then((n) => committed.push(n), () => undefined);
  }
  return committed;
}

/** Cuts a random part of all connections now and then, until the work is done. */
async function meanwhileCutting<T>(house: House, chance: Chance, work: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  const cutting = (async () => {
    while (!over.signal.aborted) {
      await sleep(50 + chance.below(200));
      await house.cutConnections(0.3);
    }
  })();
  try {
    return await work();
  } finally {
    over.abort();
    await cutting;
  }
}

function oneTo(n: number): number[] {
  return Array.from({ length: n }, (_, at) => at + 1);
}
