import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EventEnvelope } from '../contract/index.js';
import { counted } from './test/contexts.js';
import { House } from './test/house.js';
import type { Before, InstanceOptions } from './test/instance.js';
import { Reachable } from './test/reachable.js';
import { until } from './test/until.js';

const WORKERS = 4;

describe('events that arrive', () => {
  let house: House;
  let transport: Reachable;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());
  beforeEach(async () => {
    transport = new Reachable();
    for (const table of ['heard', 'inbox', 'inbox_handled', 'counter']) await house.look('left', `DELETE FROM ${table}`);
  });

  const open = (before: Before, more: InstanceOptions = {}) => house.instance({ transport, before, ...more });
  const arrive = (messages: readonly string[], wasBegun?: () => boolean) => transport.inbox('left').receive(messages, wasBegun);
  const noted = async () => (await house.look('left', 'SELECT FROM inbox_handled')).length;

  it('are handled at once, together, and leave only a note', async () => {
    const instance = await open(() => {});
    await arrive(messages('abc', 10));
    expect(await house.heard('left')).toEqual({ a: oneTo(10), b: oneTo(10), c: oneTo(10) });
    expect(await house.look('left', 'SELECT FROM inbox')).toEqual([]);
    expect(await noted()).toBe(30);
    const [transactions] = await house.look<{ count: number }>('left', 'SELECT count(DISTINCT xmin::text)::integer AS count FROM heard');
    expect(transactions?.count).toBeLessThanOrEqual(WORKERS);
    await instance.stop();
  });

  it('are handled once, however often, in whatever part and in whatever writing of their ids they arrive', async () => {
    const instance = await open(() => {});
    const all = messages('ab', 5);
    await Promise.all([arrive(all), arrive([...all, ...all])]);
    await arrive(all.slice(3).map((it) => it.replace(/"eventId":"([^"]+)"/, (_, id: string) => `"eventId":"${id.toUpperCase()}"`)));
    await house.look('left', 'UPDATE inbox_handled SET slot = (slot + 2) % 3');
    await arrive(all);
    expect(await house.heard('left')).toEqual({ a: oneTo(5), b: oneTo(5) });
    expect(await noted()).toBe(10);
    await instance.stop();
  });

  it('fail alone: what comes after them in their keys waits, everything else is handled', async () => {
    let fails = true;
    const sick = new Set(['b', 'e', 'g']);
    const instance = await open(({ key, n }) => { if (fails && n === 3 && sick.has(key)) throw new Error('no'); }, { settings: { attempts: 1_000 } });
    await arrive(messages('abcdefgh', 5));
    const { b, e, g, ...well } = await house.heard('left');
    expect([b, e, g]).toEqual([[1, 2], [1, 2], [1, 2]]);
    expect(Object.values(well)).toEqual(Array.from({ length: 5 }, () => oneTo(5)));
    expect((await house.look('left', `SELECT FROM inbox WHERE status IN ('pending', 'waiting')`)).length).toBe(9);
    fails = false;
    await until('the bus is idle', () => instance.bus.idle());
    expect(Object.values(await house.heard('left'))).toEqual(Array.from({ length: 8 }, () => oneTo(5)));
    await instance.stop();
  });

  it('fail alone also when it is the database that refuses them, in the handler or not before the commit', async () => {
    const instance = await open(async ({ key, n }) => {
      if (key === 'b' && n === 2) await instance.databases.left.query('SELECT 1 / $1::integer', [0]);
      if (key === 'd' && n === 4) instance.databases.left.beforeCommit('late', () => Promise.reject(new Error('too late to say')));
    }, { settings: { attempts: 2 } });
    await arrive(messages('abcdef', 5));
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ a: oneTo(5), b: oneTo(1), c: oneTo(5), d: oneTo(3), e: oneTo(5), f: oneTo(5) });
    expect((await instance.messaging.left.parking.list()).map((it) => [it.key, it.attempts, it.behind])).toEqual(expect.arrayContaining([['b', 2, 3], ['d', 2, 1]]));
    await instance.stop();
  });

  it('do not overwrite what another one has just read, though they share a transaction', async () => {
    await house.look('left', `INSERT INTO counter (key, n) VALUES ('all', 0)`);
    const instance = await open(async () => {
      const [row] = await instance.databases.left.query<{ n: number }>(`SELECT n FROM counter WHERE key = 'all' FOR UPDATE`);
      await instance.databases.left.query(`UPDATE counter SET n = $1 WHERE key = 'all'`, [(row?.n ?? 0) + 1]);
    });
    await arrive(messages('abcdefghij', 5));
    await arrive(messages('klmno', 5));
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.look('left', 'SELECT n FROM counter')).toEqual([{ n: 75 }]);
    await instance.stop();
  });

  it('are not waited for when their handler takes long, and still have their effect once and in order', async () => {
    const gate = Promise.withResolvers<void>();
    const instance = await open(({ key, n }) => (key === 'slow' && n === 1 ? gate.promise : undefined), { settings: { turnMs: 20 } });
    const slow = messages(['slow'], 3);
    await arrive([...slow, ...messages('ab', 3)]);
    await arrive(messages(['slow'], 3).map((it) => it.replace(/"n":(\d)/, (_, n: string) => `"n":${Number(n) + 3}`)));
    expect((await house.heard('left'))['slow']).toBeUndefined();
    await arrive(slow);
    gate.resolve();
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ slow: oneTo(6), a: oneTo(3), b: oneTo(3) });
    expect(await house.look('left', 'SELECT max(attempts) AS most FROM inbox')).toEqual([{ most: expect.any(Number) }]);
    await instance.stop();
  });

  it('go through the inbox, where tries are counted, when a try may have been under way before', async () => {
    const instance = await open(() => { throw new Error('no'); }, { settings: { attempts: 1 } });
    await arrive(messages('a', 2), () => true);
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.look('left', 'SELECT status, attempts FROM inbox ORDER BY position')).toEqual([{ status: 'parked', attempts: 1 }, { status: 'pending', attempts: 1 }]);
    await instance.stop();
  });
});

/** So many events of each key, the first ones of all keys first. */
function messages(keys: Iterable<string>, each: number): string[] {
  return oneTo(each).flatMap((n) => [...keys].map((key) => JSON.stringify({
    eventId: randomUUID(), eventType: counted.type, eventVersion: 1, occurredAt: '2026-11-20T12:00:00.000Z', aggregateType: 'counter', aggregateId: key,
    correlationId: 'c', causationId: 'c', traceparent: '', payload: { key, n },
  } satisfies EventEnvelope)));
}

function oneTo(n: number): number[] {
  return Array.from({ length: n }, (_, at) => at + 1);
}
