import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { ParkedPlace } from './index.js';
import { LaneStore } from './lane-store.js';
import { runInput } from '../runtime/index.js';
import { counted } from './test/contexts.js';
import { House } from './test/house.js';
import type { Instance } from './test/instance.js';
import { discard, redrive, wish } from './test/operator.js';
import { until } from './test/until.js';

describe('what an operator does about parked events', () => {
  let house: House;
  let instance: Instance;
  let isSick: (key: string, n: number) => boolean;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());
  beforeEach(async () => {
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM heard');
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM inbox');
    await house.look('source', 'DELETE FROM counter');
    isSick = (key) => key.startsWith('sick');
    instance = await house.instance({
      settings: { attempts: 2 }, before: ({ key, n }, _envelope, context) => { if (context === 'left' && isSick(key, n)) throw new Error(`cannot digest ${key} ${n}`); },
    });
  });

  const parking = () => instance.messaging.left.parking;
  const settled = () => until('the bus is idle', () => instance.bus.idle());

  /** Three keys whose first event is parked and whose second waits behind it, and one that is well. */
  async function threeSickKeys(): Promise<void> {
    for (const key of ['sick-a', 'sick-b', 'sick-c', 'well']) await instance.count(key);
    for (const key of ['sick-a', 'sick-b', 'sick-c', 'well']) await instance.count(key);
    await settled();
  }

  /** Everything about the inbox that a change could change. */
  async function state(): Promise<unknown> {
    return house.look('left', 'SELECT event_id, status, attempts, next_attempt_at FROM inbox ORDER BY position');
  }

  it('finds them by type, key, error, time and id', async () => {
    const begun = new Date();
    await threeSickKeys();
    const [first] = await parking().list({ key: 'sick-b' });
    const keys = async (filter: Parameters<ReturnType<typeof parking>['list']>[0]) => (await parking().list(filter)).map((it) => it.key).sort();
    expect(await keys({})).toEqual(['sick-a', 'sick-b', 'sick-c']);
    expect(await keys({ error: 'DIGEST SICK-A' })).toEqual(['sick-a']);
    expect(await keys({ ids: [first?.eventId ?? ''], eventType: 'source.counted' })).toEqual(['sick-b']);
    expect(await keys({ eventType: 'source.other' })).toEqual([]);
    expect(await keys({ since: new Date(begun.getTime() - 1_000) })).toHaveLength(3);
    expect(await keys({ since: new Date(Date.now() + 60_000) })).toEqual([]);
    await instance.stop();
  });

  it('reads them page by page, each once', async () => {
    await threeSickKeys();
    const pages: string[][] = [];
    let after: ParkedPlace | undefined;
    for (;;) {
      const page = await parking().list({}, 2, after);
      if (page.length === 0) break;
      pages.push(page.map((it) => it.key));
      after = page.at(-1)?.place;
    }
    expect(pages.map((it) => it.length)).toEqual([2, 1]);
    expect(pages.flat().sort()).toEqual(['sick-a', 'sick-b', 'sick-c']);
    await instance.stop();
  });

  it('previews, and changes nothing by it', async () => {
    await threeSickKeys();
    const before = await state();
    expect(await parking().previewRedrive({ error: 'digest' }, 2)).toEqual({ keys: 3, events: 3, behind: 3, unreadable: 0, seconds: 2 });
    const [parked] = await parking().list();
    expect(await parking().previewDiscard([parked?.eventId ?? '', randomUUID()])).toEqual({ events: 1, behind: 1 });
    expect(await state()).toEqual(before);
    expect(await house.look('left', 'SELECT FROM parking_change')).toEqual([]);
    await instance.stop();
  });

  it('redrives whole keys in order, and no others', async () => {
    isSick = (key, n) => key.startsWith('sick') && n % 2 === 0;
    for (let n = 0; n < 4; n += 1) for (const key of ['sick-a', 'sick-b']) await instance.count(key);
    await settled();
    isSick = () => false;
    expect(await redrive(instance, { error: 'sick-a 2' })).toEqual({ is: 'done', isReplay: false, outcome: { keys: 1, events: 1, behind: 2, unreadable: 0, seconds: 0 } });
    await settled();
    expect(await house.heard('left')).toEqual({ 'sick-a': [1, 2, 3, 4], 'sick-b': [1] });
    await instance.stop();
  });

  it('redrives at the pace that was asked for, key by key', async () => {
    await threeSickKeys();
    isSick = () => false;
    expect(await redrive(instance, {}, { perSecond: 4 })).toMatchObject({ outcome: { keys: 3, seconds: 1 } });
    await settled();
    expect(await house.heard('left')).toEqual({ 'sick-a': [1, 2], 'sick-b': [1, 2], 'sick-c': [1, 2], well: [1, 2] });
    // Read from the plan, not from the watch: a busy machine may be late, but never early.
    const starts = await house.look<{ key: string; seconds: number }>('left',
      `SELECT aggregate_id AS key, round(extract(epoch FROM next_attempt_at - changed_at), 1)::float8 AS seconds FROM inbox, parking_change
       WHERE status = 'done' AND next_attempt_at > '-infinity' AND next_attempt_at <= handled_at AND changed_at > received_at ORDER BY next_attempt_at`);
    expect(starts.map((it) => it.seconds)).toEqual([0.5, 1]);
    await instance.stop();
  });

  it('lets a paced key be carried on by another process when this one ends', async () => {
    await threeSickKeys();
    isSick = () => false;
    await redrive(instance, {}, { perSecond: 2 });
    await instance.stop();
    const other = await house.instance();
    await until('the other one is done', () => other.bus.idle());
    expect(await house.heard('left')).toMatchObject({ 'sick-a': [1, 2], 'sick-b': [1, 2], 'sick-c': [1, 2] });
    await other.stop();
  });

  it('carries the same wish out once, however often it is sent, and answers the same', async () => {
    await threeSickKeys();
    const same = wish();
    const answers = await Promise.all(Array.from({ length: 4 }, () => redrive(instance, { key: 'sick-a' }, same)));
    expect(answers.map((it) => it.is === 'done' && it.isReplay).sort()).toEqual([false, true, true, true]);
    expect(new Set(answers.map((it) => JSON.stringify(it.is === 'done' && it.outcome))).size).toBe(1);
    await settled();
    expect(await redrive(instance, { key: 'sick-a' }, same)).toMatchObject({ isReplay: true, outcome: { events: 1 } });
    expect((await parking().list({ key: 'sick-a' }))[0]?.attempts).toBe(2);
    expect(await redrive(instance, { key: 'sick-b' }, { ...same, requestHash: 'that' })).toEqual({ is: 'other-wish' });
    await instance.stop();
  });

  it('tells the story of an event: tries, redrives and the end, with who and why', async () => {
    await threeSickKeys();
    const [parked] = await parking().list({ key: 'sick-a' });
    const eventId = parked?.eventId ?? '';
    await redrive(instance, { ids: [eventId] }, { reason: 'Perhaps it was the weather.' });
    await settled();
    await discard(instance, [eventId], { principalId: 'another', reason: 'It was settled by hand.' });
    const story = await parking().find(eventId);
    expect(story).toMatchObject({ state: 'discarded', key: 'sick-a', error: expect.stringMatching(/^Error: cannot digest sick-a 1 \[stack [0-9a-f]{12}\]$/), behind: 0 });
    const failed = (is: string, attempt: number) => ({ is, attempt, times: 1, error: story?.error, at: expect.any(Date) });
    expect(story?.history).toEqual([
      { is: 'received', at: expect.any(Date) }, failed('failed', 1), failed('parked', 2),
      { is: 'redriven', by: 'operator', reason: 'Perhaps it was the weather.', at: expect.any(Date) }, failed('failed', 1), failed('parked', 2),
      { is: 'discarded', by: 'another', reason: 'It was settled by hand.', at: expect.any(Date) },
    ]);
    expect(await parking().find(randomUUID())).toBeUndefined();
    await instance.stop();
  });

  it('does not let the context change or delete what was written down', async () => {
    await threeSickKeys();
    await redrive(instance, {});
    const { left } = instance.databases;
    for (const statement of ['UPDATE parking_change SET reason = \'\'', 'DELETE FROM parking_change', 'DELETE FROM parking_change_event', 'UPDATE parking_change_event SET key = \'\'']) {
      await expect(left.query(statement)).rejects.toThrow(/permission denied/);
    }
    await settled();
    await instance.stop();
  });

  it('does not handle a discarded event when it comes again', async () => {
    const { source } = instance.databases;
    // The same input makes the same event again, with the same id.
    const announce = () => runInput({ inputId: 'once', at: new Date(0), context: 'source' }, () => source.transaction(async () => instance.messaging.source.events.announce(counted({ key: 'sick-a', n: 1 }))));
    await announce();
    await settled();
    const parked = await parking().list();
    isSick = () => false;
    expect(await discard(instance, parked.map((it) => it.eventId))).toMatchObject({ outcome: { events: 1, behind: 0 } });
    await announce();
    await instance.count('sick-b');
    await settled();
    expect(await house.heard('left')).toEqual({ 'sick-b': [1] });
    expect(await house.heard('right')).toEqual({ 'sick-a': [1], 'sick-b': [1] });
    await instance.stop();
  });

  it('counts an outage that goes on as one failure', async () => {
    await threeSickKeys();
    await instance.stop();
    expect(await failAgain(3)).toEqual([{ state: 'waiting', times: 3 }, { state: 'parked', times: 1 }]);
  });

  /** Fails the same try of an event so many times, and then for good, as the lanes write it down. */
  async function failAgain(times: number): Promise<unknown[]> {
    const store = new LaneStore(await house.database('left'));
    const [row] = await house.look<{ id: string }>('left', `UPDATE inbox SET status = 'waiting', attempts = 1, failures = NULL WHERE aggregate_id = 'sick-a' AND status = 'parked' RETURNING event_id AS id`);
    for (let time = 0; time < times; time += 1) await store.wait(row?.id ?? '', 1, 1_000, 'The bank is away.');
    await store.park(row?.id ?? '', 1, 'The bank is away.');
    return house.look('left', `SELECT it ->> 'state' AS state, (it ->> 'times')::integer AS times FROM inbox, jsonb_array_elements(failures) AS it WHERE event_id = $1`, [row?.id]);
  }
});
