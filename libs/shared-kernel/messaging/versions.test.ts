import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { event } from '../contract/index.js';
import { runInput } from '../runtime/index.js';
import { counted } from './test/contexts.js';
import { House } from './test/house.js';
import type { Instance } from './test/instance.js';
import { redrive } from './test/operator.js';
import { until } from './test/until.js';

/** The counter's event as it became: the number has another name, then a unit came to it. */
const second = event('source.counted', {
  ...shape(2), payload: z.strictObject({ key: z.string(), count: z.int() }), upcast: { 1: renamed },
});
const third = event('source.counted', {
  ...shape(3), payload: z.strictObject({ key: z.string(), count: z.int(), unit: z.enum(['piece', 'kg']) }),
  upcast: { 1: renamed, 2: (older) => ({ ...second.payload.parse(older), unit: 'piece' }) },
});

function shape(version: number) {
  return { version, aggregateType: 'counter', aggregateId: (it: { key: string }) => it.key };
}

function renamed(older: unknown): unknown {
  const { key, n } = counted.payload.parse(older);
  return { key, count: n };
}

describe('events of older versions', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());
  beforeEach(async () => {
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM inbox');
    await house.look('source', 'DELETE FROM counter');
  });

  /** A process of the newest build, in which "left" hears the third version. */
  async function newBuild(heard: unknown[]): Promise<Instance> {
    return house.instance({ settings: { attempts: 1 }, subscriptions: { left: () => [{ definition: third, run: async (payload) => { heard.push(payload); } }], right: () => [] } });
  }

  it('that were announced before a deployment are handled after it, in order with newer ones', async () => {
    const old = await house.instance({ subscriptions: { left: () => [], right: () => [] } });
    await old.bus.stop();
    await old.count('a'); // stays in the outbox: nobody carries it any more
    await old.count('a');
    const heard: unknown[] = [];
    await old.stop();
    const build = await newBuild(heard);
    const { source } = build.databases;
    await runInput({}, () => source.transaction(async () => build.messaging.source.events.announce(second({ key: 'a', count: 3 }))));
    await runInput({}, () => source.transaction(async () => build.messaging.source.events.announce(third({ key: 'a', count: 4, unit: 'kg' }))));
    await until('all are heard', () => heard.length === 4);
    expect(heard).toEqual([{ key: 'a', count: 1, unit: 'piece' }, { key: 'a', count: 2, unit: 'piece' }, { key: 'a', count: 3, unit: 'piece' }, { key: 'a', count: 4, unit: 'kg' }]);
    await build.stop();
  });

  it('that were parked by the old build are lifted when the new one is told to redrive them', async () => {
    const old = await house.instance({ settings: { attempts: 1 }, before: (_payload, _envelope, context) => { if (context === 'left') throw new Error('the old build cannot'); } });
    await old.count('a');
    await old.count('a');
    await until('the old build gives up', async () => (await old.messaging.left.parking.list()).length === 1);
    await old.stop();
    const heard: unknown[] = [];
    const build = await newBuild(heard);
    expect(await redrive(build, { key: 'a' })).toMatchObject({ outcome: { events: 1, behind: 1 } });
    await until('all are heard', () => heard.length === 2);
    expect(heard).toEqual([{ key: 'a', count: 1, unit: 'piece' }, { key: 'a', count: 2, unit: 'piece' }]);
    await build.stop();
  });

  it('that were announced by the new build and parked by the old one are handled when it is replaced', async () => {
    const old = await house.instance({ settings: { attempts: 1 }, subscriptions: { right: () => [] } });
    const { source } = old.databases;
    await runInput({}, () => source.transaction(async () => old.messaging.source.events.announce(third({ key: 'a', count: 1, unit: 'kg' }))));
    await until('the old build parks it', async () => (await old.messaging.left.parking.list()).length === 1);
    expect((await old.messaging.left.parking.list())[0]?.error).toContain('Version 3 of source.counted is unknown here');
    await old.stop();
    const heard: unknown[] = [];
    const build = await newBuild(heard);
    await redrive(build, {});
    await until('it is heard', () => heard.length === 1);
    expect(heard).toEqual([{ key: 'a', count: 1, unit: 'kg' }]);
    await build.stop();
  });

  it('that can no longer be lifted are parked with the reason, and nothing is lost', async () => {
    const forgetful = event('source.counted', { ...shape(3), payload: third.payload, upcast: { 2: (older) => older } });
    const build = await house.instance({ settings: { attempts: 1 }, subscriptions: { left: () => [{ definition: forgetful, run: async () => undefined }], right: () => [] } });
    await build.count('a');
    await until('it is parked', async () => (await build.messaging.left.parking.list()).length === 1);
    expect((await build.messaging.left.parking.list())[0]?.error).toContain('Version 1 of source.counted is unknown here; version 3 and what can be lifted to it are.');
    await build.stop();
    const heard: unknown[] = [];
    const mended = await newBuild(heard);
    await redrive(mended, {});
    await until('it is heard', () => heard.length === 1);
    await mended.stop();
  });
});
