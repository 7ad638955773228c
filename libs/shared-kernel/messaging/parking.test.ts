import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type EventEnvelope, event } from '../contract/index.js';
import { checkDeadline, remainingMs, runInput } from '../runtime/index.js';
import { counted } from './test/contexts.js';
import { House } from './test/house.js';
import { discard, redrive } from './test/operator.js';
import type { Instance } from './test/instance.js';
import { Reachable } from './test/reachable.js';
import { until } from './test/until.js';

describe('parking', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());
  beforeEach(async () => {
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM heard');
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM inbox');
    await house.look('source', 'DELETE FROM counter');
  });

  it('parks an event after the last try, and with it later events of the same key, while other keys flow', async () => {
    let tries = 0;
    const instance = await house.instance({
      settings: { attempts: 3 },
      before: ({ key, n }, _envelope, context) => {
        if (context !== 'left' || key !== 'sick' || n !== 2) return;
        tries += 1;
        throw new Error('cannot digest 2');
      },
    });
    for (let n = 0; n < 4; n += 1) await Promise.all([instance.count('sick'), instance.count('well'), instance.count('fine')]);
    await until('the bus is idle', () => instance.bus.idle());
    expect(tries).toBeGreaterThanOrEqual(3);
    expect(await house.heard('left')).toEqual({ sick: [1], well: [1, 2, 3, 4], fine: [1, 2, 3, 4] });
    expect(await house.heard('right')).toEqual({ sick: [1, 2, 3, 4], well: [1, 2, 3, 4], fine: [1, 2, 3, 4] });
    const parked = await instance.messaging.left.parking.list();
    expect(parked.map((it) => [it.key, it.attempts, it.behind])).toEqual([['sick', 3, 2]]);
    expect(parked[0]?.error).toMatch(/^Error: cannot digest 2 \[stack [0-9a-f]{12}\]$/);
    const figures = (await instance.bus.figures()).find((it) => it.context === 'left');
    expect(figures).toMatchObject({ outbox: 0, ready: 0, waiting: 0, parked: 3, oldestSeconds: 0 });
    await instance.stop();
  });

  it('counts exactly the tries that were the event\'s own, not those of the batches it spoiled', async () => {
    const instance = await house.instance({ settings: { attempts: 4 }, before: ({ n }, _envelope, context) => { if (context === 'left' && n === 2) throw new Error('no'); } });
    for (let n = 0; n < 3; n += 1) await Promise.all(Array.from({ length: 12 }, (_, key) => instance.count(`k${key}`)));
    await until('the bus is idle', () => instance.bus.idle());
    const attempts = await house.look<{ status: string; attempts: number; count: number }>('left', 'SELECT status, attempts, count(*)::integer AS count FROM inbox WHERE status <> \'done\' GROUP BY status, attempts ORDER BY status, attempts');
    expect(attempts).toEqual([{ status: 'parked', attempts: 4, count: 12 }, { status: 'pending', attempts: 0, count: 12 }]);
    await instance.stop();
  });

  it('parks an event whose handler never gets done in its time', async () => {
    const instance = await house.instance({
      settings: { attempts: 2, handlerMs: 20 },
      before: async (_payload, _envelope, context) => {
        if (context !== 'left') return;
        await until('the time is over', () => remainingMs() <= 0);
        checkDeadline('it was done');
      },
    });
    await instance.count('a');
    await until('the bus is idle', () => instance.bus.idle());
    expect((await instance.messaging.left.parking.list())[0]?.error).toContain('not done after 20 ms');
    await instance.stop();
  });

  it('replays a redriven key in order', async () => {
    let sick = true;
    const instance = await house.instance({ settings: { attempts: 2 }, before: ({ n }, _envelope, context) => { if (context === 'left' && n === 2 && sick) throw new Error('no'); } });
    for (let n = 0; n < 5; n += 1) await instance.count('a');
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ a: [1] });
    sick = false;
    expect(await redrive(instance, { key: 'a' })).toMatchObject({ outcome: { keys: 1, events: 1, behind: 3 } });
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ a: [1, 2, 3, 4, 5] });
    expect(await instance.messaging.left.parking.list()).toEqual([]);
    await instance.stop();
  });

  it('lets what waited behind a discarded event run, and keeps the reason', async () => {
    const instance = await house.instance({ settings: { attempts: 1 }, before: ({ n }, _envelope, context) => { if (context === 'left' && n === 2) throw new Error('no'); } });
    for (let n = 0; n < 4; n += 1) await instance.count('a');
    await until('the bus is idle', () => instance.bus.idle());
    const [parked] = await instance.messaging.left.parking.list();
    expect(await discard(instance, [randomUUID()])).toMatchObject({ outcome: { events: 0, behind: 0 } });
    expect(await discard(instance, [parked?.eventId ?? ''])).toMatchObject({ outcome: { events: 1, behind: 2 } });
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ a: [1, 3, 4] });
    expect(await instance.messaging.left.parking.find(parked?.eventId ?? '')).toMatchObject({ state: 'discarded', error: expect.stringMatching(/^Error: no/) });
    await instance.stop();
  });

  it('parks a version that nobody here knows at once, with the reason, and what comes after it behind it', async () => {
    const newer = event('source.counted', { ...counted, version: 2, payload: z.strictObject({ key: z.string(), n: z.int(), unit: z.string() }), aggregateId: (it) => it.key });
    const instance = await house.instance();
    const { source } = instance.databases;
    await instance.count('a');
    await runInput({}, () => source.transaction(async () => instance.messaging.source.events.announce(newer({ key: 'a', n: 2, unit: 'kg' }))));
    await instance.count('a');
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ a: [1] });
    const parked = await instance.messaging.left.parking.list();
    expect(parked.map((it) => [it.attempts, it.behind])).toEqual([[1, 1]]);
    expect(parked[0]?.error).toContain('Version 2 of source.counted is unknown here');
    await instance.stop();
  });

  it('lifts an older version to the one its handler knows', async () => {
    const heard: unknown[] = [];
    const lifted = event('source.counted', {
      version: 2, aggregateType: 'counter', aggregateId: (it) => it.name,
      payload: z.strictObject({ name: z.string(), count: z.int() }),
      upcast: { 1: (older) => { const { key, n } = counted.payload.parse(older); return { name: key, count: n }; } },
    });
    const instance = await house.instance({ subscriptions: { left: () => [{ definition: lifted, run: async (payload) => { heard.push(payload); } }] } });
    await instance.count('a');
    await until('the bus is idle', () => instance.bus.idle());
    expect(heard).toEqual([{ name: 'a', count: 1 }]);
    await instance.stop();
  });

  describe('of messages that cannot be read', () => {
    let transport: Reachable;
    let instance: Instance;
    beforeEach(async () => {
      transport = new Reachable();
      instance = await house.instance({ transport });
    });

    const envelope = (n: number, more: Partial<Record<keyof EventEnvelope, unknown>> = {}) => JSON.stringify({
      eventId: randomUUID(), eventType: 'source.counted', eventVersion: 1, occurredAt: '2026-11-20T12:00:00.000Z', aggregateType: 'counter',
      aggregateId: 'a', correlationId: 'c', causationId: 'c', traceparent: '', payload: { key: 'a', n }, ...more,
    });

    it('keeps each with its reason, once, however often it is delivered', async () => {
      const messages = ['not json', '{"hello":"world"}', envelope(1, { aggregateId: '' }), envelope(1, { payload: { key: 'a\0', n: 1 } }), 'half \ud800 a pair \0'];
      await transport.inbox('left').receive(messages);
      await transport.inbox('left').receive(messages);
      const parked = await instance.messaging.left.parking.list();
      const reasons = [/^The message is not JSON\.$/, /\/eventId/, /\/aggregateId/, /^The database cannot hold the message/, /^The message is not JSON\.$/];
      expect(parked).toHaveLength(reasons.length);
      for (const reason of reasons) expect(parked.map((it) => it.error)).toContainEqual(expect.stringMatching(reason));
      await instance.stop();
    });

    it('holds back the key that it names, and only that', async () => {
      const broken = envelope(2, { eventVersion: 'two' });
      await transport.inbox('left').receive([envelope(1), broken, envelope(3), envelope(1, { aggregateId: 'b', payload: { key: 'b', n: 1 } })]);
      await until('the bus is idle', () => instance.bus.idle());
      expect(await house.heard('left')).toEqual({ a: [1], b: [1] });
      expect(await redrive(instance, { key: 'a' })).toMatchObject({ outcome: { keys: 1, events: 0, behind: 1, unreadable: 1 } });
      await until('the bus is idle', () => instance.bus.idle());
      expect(await house.heard('left')).toEqual({ a: [1], b: [1] });
      await instance.stop();
    });

    it('puts a message that a newer version can read back into its place in the line', async () => {
      await transport.inbox('left').receive([envelope(1), 'will be mended', envelope(3)]);
      await house.look('left', `UPDATE inbox SET aggregate_id = 'a', unreadable = $1 WHERE status = 'parked'`, [JSON.stringify(envelope(2))]);
      await redrive(instance, { key: 'a' });
      await until('the bus is idle', () => instance.bus.idle());
      expect([...((await house.heard('left'))['a'] ?? [])].sort()).toEqual([1, 2, 3]);
      expect(await instance.messaging.left.parking.list()).toEqual([]);
      await instance.stop();
    });

    it('parks an event that nobody here handles', async () => {
      await transport.inbox('left').receive([envelope(1, { eventType: 'source.forgotten' })]);
      await until('the bus is idle', () => instance.bus.idle());
      expect((await instance.messaging.left.parking.list())[0]?.error).toContain('Nobody here handles source.forgotten');
      await instance.stop();
    });
  });
});
