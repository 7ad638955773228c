import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type ContextDeclaration, defineContext } from '../../context/index.js';
import { defineContract, event } from '../../contract/index.js';
import type { Parking } from '../../messaging/index.js';
import { loggingModule } from '../../observability/index.js';
import { Handles } from '../../rpc/index.js';
import { type ContextUnderTest, contextUnderTest, neighbour } from '../../testing/index.js';
import { ParkedController } from '../parked.controller.js';
import { ParkedEvents } from '../parked-events.js';

const counted = event('counter.counted', { version: 1, aggregateType: 'counter', aggregateId: (it) => it.key, payload: z.strictObject({ key: z.string(), n: z.int() }) });
const counter = neighbour(defineContract({ name: 'counter', commands: {}, queries: {}, events: { counted } }), {});

/** What the listeners heard, by context and key; keys that begin with "sick" are not digested as long as they are sick. */
const heard: Record<string, number[]> = {};
let isSick = true;

function listener(name: string, more: Pick<ContextDeclaration, 'controllers' | 'providers'> = { controllers: [], providers: [] }): ContextDeclaration {
  class Hear {
    async run({ key, n }: { key: string; n: number }): Promise<void> {
      if (isSick && key.startsWith('sick')) throw new Error(`${name} cannot digest ${key}`);
      (heard[`${name} ${key}`] ??= []).push(n);
    }
  }
  Handles(counted)(Hear);
  return defineContext({
    name, owner: 'the test', contract: defineContract({ name, commands: {}, queries: {}, events: {} }),
    calls: [], listensTo: [counted], entities: [], migrations: [], handlers: [Hear], sagas: [], ...more,
  });
}

const operator = { id: randomUUID(), roles: ['operator'] };
const customer = { id: randomUUID(), roles: ['customer'] };

describe('/ops/v1/parked', () => {
  let house: ContextUnderTest;
  beforeAll(async () => {
    const parking: Parking[] = [];
    const declaration = listener('left', { controllers: [ParkedController], providers: [{ provide: ParkedEvents, useValue: new ParkedEvents(parking) }] });
    house = await contextUnderTest(declaration, { neighbours: [listener('right'), counter], messaging: { attempts: 2, firstDelayMs: 5, longestDelayMs: 20, pollMs: 50 } });
    loggingModule({ service: 'test', level: 'silent' }); // events are parked here by the dozen
    parking.push(...house.host.contexts.map(({ messaging }) => messaging.parking));
  });
  afterAll(() => house.close());
  beforeEach(async () => {
    await settle([...await everything()]);
    for (const name of Object.keys(heard)) delete heard[name];
    isSick = true;
  });

  const get = (query = '') => house.http('GET', `/ops/v1/parked${query}`, { as: operator });
  const post = (path: string, body: object, more: object = {}) => house.http('POST', `/ops/v1/parked/${path}`, { as: operator, body: { reason: 'It was mended.', ...body }, ...more });

  async function everything(): Promise<string[]> {
    const ids: string[] = (await get('?limit=100')).body.data.map((it: { eventId: string }) => it.eventId);
    return [...new Set(ids)];
  }

  /** Leaves nothing parked behind for the next test. */
  async function settle(ids: string[]): Promise<void> {
    isSick = false;
    if (ids.length > 0) await post('discards', { ids });
    await house.settle();
  }

  async function count(...keys: string[]): Promise<void> {
    for (const [n, key] of keys.entries()) await house.announce(counted({ key, n }));
    await house.settle();
  }

  it('lists what is parked in all contexts, page by page, and what waits behind it', async () => {
    await count('sick-a', 'sick-a', 'sick-a', 'sick-b', 'well');
    const pages = [await get('?limit=3')];
    pages.push(await get(`?limit=3&cursor=${pages[0]?.body.nextCursor}`));
    expect(pages.map((it) => [it.status, it.body.data.length, it.body.hasMore])).toEqual([[200, 3, true], [200, 1, false]]);
    const all = pages.flatMap((it) => it.body.data);
    expect(all.map((it) => `${it.context} ${it.key} ${it.behind}`).sort()).toEqual(['left sick-a 2', 'left sick-b 0', 'right sick-a 2', 'right sick-b 0']);
    expect(all[0]).toMatchObject({ eventType: 'counter.counted', eventVersion: 1, attempts: 2, stack: expect.stringMatching(/^[0-9a-f]{12}$/), error: expect.stringMatching(/cannot digest sick-[ab]$/) });
  });

  it('filters by context, type, key, error, time and event', async () => {
    await count('sick-a', 'sick-b');
    const found = async (query: string) => (await get(query)).body.data.map((it: { context: string; key: string }) => `${it.context} ${it.key}`).sort();
    expect(await found('?context=left')).toEqual(['left sick-a', 'left sick-b']);
    expect(await found('?eventType=counter.counted&key=sick-b')).toEqual(['left sick-b', 'right sick-b']);
    expect(await found('?error=RIGHT%20cannot')).toEqual(['right sick-a', 'right sick-b']);
    expect(await found('?since=2999-01-01T00:00:00Z')).toEqual([]);
    const [{ eventId }] = (await get('?key=sick-a')).body.data;
    expect(await found(`?eventId=${eventId}&context=right`)).toEqual(['right sick-a']);
    expect((await get('?context=nowhere')).body).toMatchObject({ code: 'invalid-input', errors: [{ path: '?context' }] });
    expect((await get('?colour=red')).status).toBe(400);
  });

  it('shows an event with its tries and who redrove or discarded it, and why', async () => {
    await count('sick-a');
    const [{ eventId }] = (await get('?context=left')).body.data;
    await post('redrives', { ids: [eventId], filter: { context: 'left' }, reason: 'It may have been the weather.' });
    await house.settle();
    await post('discards', { ids: [eventId], context: 'left', reason: 'Settled by hand.' });
    const story = await house.http('GET', `/ops/v1/parked/left/${eventId}`, { as: operator });
    expect(story).toMatchObject({ status: 200, body: { state: 'discarded', parkedAt: null, correlationId: expect.any(String), error: expect.stringContaining('left cannot digest sick-a') } });
    expect(story.body.history.map((it: { is: string; attempt?: number; by?: string; reason?: string }) => [it.is, it.attempt ?? it.by, it.reason])).toEqual([
      ['received', undefined, undefined], ['failed', 1, undefined], ['parked', 2, undefined], ['redriven', operator.id, 'It may have been the weather.'],
      ['failed', 1, undefined], ['parked', 2, undefined], ['discarded', operator.id, 'Settled by hand.'],
    ]);
    expect((await house.http('GET', `/ops/v1/parked/left/${randomUUID()}`, { as: operator })).body).toMatchObject({ code: 'not-found' });
    expect((await house.http('GET', `/ops/v1/parked/nowhere/${eventId}`, { as: operator })).status).toBe(404);
  });

  it('redrives in order, and answers with counts per context', async () => {
    await count('sick-a', 'sick-a', 'sick-b', 'sick-a');
    isSick = false;
    const answer = await post('redrives', { filter: { key: 'sick-a' }, perSecond: 1_000 });
    const each = { keys: 1, events: 1, behind: 2, unreadable: 0, seconds: 0 };
    expect(answer).toMatchObject({ status: 202, body: { dryRun: false, perSecond: 1_000, keys: 2, events: 2, behind: 4, contexts: [{ context: 'left', ...each }, { context: 'right', ...each }] } });
    await house.settle();
    expect(heard).toEqual({ 'left sick-a': [0, 1, 3], 'right sick-a': [0, 1, 3] });
    expect((await get()).body.data.map((it: { key: string }) => it.key)).toEqual(['sick-b', 'sick-b']);
  });

  it('changes nothing on a dry run', async () => {
    await count('sick-a', 'sick-b');
    isSick = false;
    const before = (await get()).body.data;
    expect(await post('redrives', { filter: {}, perSecond: 1, dryRun: true })).toMatchObject({ status: 200, body: { dryRun: true, keys: 4, events: 4, seconds: 1 } });
    expect(await post('discards', { ids: await everything(), dryRun: true })).toMatchObject({ status: 200, body: { dryRun: true, events: 4, contexts: [{ context: 'left', events: 2 }, { context: 'right', events: 2 }] } });
    await house.settle();
    expect((await get()).body.data).toEqual(before);
    expect(heard).toEqual({});
  });

  it('does the same request once, and refuses its key for another', async () => {
    await count('sick-a');
    const key = randomUUID();
    const first = await post('redrives', { filter: { key: 'sick-a' } }, { key });
    await house.settle();
    const again = await post('redrives', { filter: { key: 'sick-a' } }, { key });
    expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
    expect(again.body).toEqual(first.body);
    await house.settle();
    expect((await get('?context=left')).body.data[0].attempts).toBe(2);
    expect((await post('redrives', { filter: { key: 'sick-b' } }, { key })).body).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    expect((await post('discards', { ids: [randomUUID()] }, { key })).body).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    expect((await post('redrives', { filter: {} }, { key: null })).body).toMatchObject({ status: 400, code: 'idempotency-key-missing' });
  });

  const bad: [string, string, object, string[]][] = [
    ['a redrive of nothing in particular', 'redrives', {}, ['/filter']],
    ['a redrive without a reason', 'redrives', { filter: {}, reason: '' }, ['/reason']],
    ['a redrive in no time', 'redrives', { filter: {}, perSecond: 0 }, ['/perSecond']],
    ['a redrive in no context', 'redrives', { filter: { context: 'nowhere' } }, ['/filter/context']],
    ['a discard of everything', 'discards', { filter: {} }, ['/filter', '/ids']],
    ['a discard of too many', 'discards', { ids: Array.from({ length: 1_001 }, () => randomUUID()) }, ['/ids']],
    ['a discard of what is no id', 'discards', { ids: ['1'] }, ['/ids/0']],
  ];
  it.each(bad)('refuses %s, and names what is wrong', async (_what, path, body, fields) => {
    const answer = await post(path, body);
    expect({ status: answer.status, code: answer.body.code, fields: answer.body.errors.map((it: { path: string }) => it.path).sort() }).toEqual({ status: 400, code: 'invalid-input', fields });
  });

  it('is for operators: 401 without a token, 403 for a customer', async () => {
    const doors: [string, string, object?][] = [['GET', ''], ['GET', `/left/${randomUUID()}`], ['POST', '/redrives', { filter: {}, reason: 'r' }], ['POST', '/discards', { ids: [randomUUID()], reason: 'r' }]];
    for (const [method, path, body] of doors) {
      const answers = await Promise.all([undefined, customer, { ...customer, roles: ['staff'] }].map((as) => house.http(method, `/ops/v1/parked${path}`, { ...(as && { as }), ...(body && { body }) })));
      expect(answers.map((it) => it.body.code)).toEqual(['unauthenticated', 'forbidden', 'forbidden']);
    }
  });
});
