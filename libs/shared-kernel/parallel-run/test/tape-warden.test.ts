import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { z } from 'zod';
import { defineContext } from '../../context/index.js';
import { command, defineContract } from '../../contract/index.js';
import { Database, openDatabase, provisionContext } from '../../persistence/index.js';
import { Handles } from '../../rpc/index.js';
import { type ShadowUnderTest, eventually, shadowUnderTest } from '../../testing/index.js';
import { PARALLEL_RUN, RunStore, TapeWarden, endForgottenTape, endTape, parallelRunMigrations } from '../index.js';
import { isOnlyKeeper } from '../tape/ending.js';

const write = command('diary.write', { input: z.strictObject({ id: z.string(), text: z.string() }), output: z.strictObject({}) });
const diaryContract = defineContract({ name: 'diary', commands: { write }, queries: {}, events: {} });

@Handles(write)
class Write {
  constructor(private readonly database: Database) {}

  async run({ id, text }: z.output<typeof write['input']>): Promise<Record<string, never>> {
    await this.database.query('INSERT INTO page (id, text) VALUES ($1, $2)', [id, text]);
    return {};
  }
}

const diary = defineContext({
  name: 'diary', owner: 'the test', contract: diaryContract, calls: [], listensTo: [], entities: [], personal: [], handlers: [Write], sagas: [], controllers: [], providers: [],
  migrations: [{ name: '0001-initial', sql: 'CREATE TABLE page (id text PRIMARY KEY, text text NOT NULL)' }],
});

describe('a tape', () => {
  let both: ShadowUnderTest;
  let results: Database;
  let warden: TapeWarden | undefined;
  let isWanted = true;
  /** What became of what was taken for forgotten. */
  const endings: boolean[] = [];
  beforeEach(async () => {
    isWanted = true;
    endings.length = 0;
    both = await shadowUnderTest(diary, diary);
    const { url } = await provisionContext({ adminUrl: both.context.storage.url, name: PARALLEL_RUN, migrations: parallelRunMigrations });
    results = await openDatabase({ context: PARALLEL_RUN, url, poolSize: 2, applicationName: 'test' });
    await both.begin();
  });
  afterEach(async () => {
    await warden?.stop();
    await results.close();
    await both.close();
  });

  /** Counts how often it was looked after. */
  class Counting extends RunStore {
    looks = 0;

    override played(context: string): ReturnType<RunStore['played']> {
      this.looks += 1;
      return super.played(context);
    }
  }

  function watched(bounds: { mostBytes?: number; mostSilence?: number; keptSeconds?: number }, store = new RunStore(results), beforeEnd = async (): Promise<void> => undefined): TapeWarden {
    const { database, storage } = both.context;
    warden = new TapeWarden({
      store, databases: new Map([['diary', database]]), isWanted: () => isWanted, endTape: (context, isToEnd) => beforeEnd().then(() => endTape(storage.url, context, isToEnd)),
      endForgottenTape: async (context, isToEnd) => { endings.push(await endForgottenTape(storage.url, context, isToEnd)); return endings.at(-1) ?? false; },
      careMs: 10, ...bounds,
    });
    warden.start();
    return warden;
  }

  async function writeDown(count: number, from = 0): Promise<void> {
    const client = both.context.host.clientOf(diaryContract);
    for (let n = from; n < from + count; n += 1) await client.write({ id: String(n), text: 'x'.repeat(500) }, { idempotencyKey: String(n) });
  }

  async function entries(): Promise<number> {
    return (await both.context.storage.query<{ n: number }>('SELECT count(*)::int AS n FROM diary.tape'))[0]?.n ?? 0;
  }

  const triggers = () => both.context.storage.query(`SELECT tgname FROM pg_trigger WHERE tgname LIKE 'tape_%'`);

  async function lastRun(): Promise<{ state: string; trouble: string | null } | undefined> {
    return (await results.query<{ state: string; trouble: string | null }>('SELECT state, trouble FROM run ORDER BY started_at DESC LIMIT 1'))[0];
  }

  it('loses what was played, and nothing else', async () => {
    await writeDown(20);
    expect((await both.report()).coverage).toEqual({ 'diary.write done': [20, 20] });
    expect(await entries()).toBeGreaterThanOrEqual(20);
    await both.interrupt();
    await writeDown(5, 20);
    await both.context.database.witness?.stop();
    watched({ keptSeconds: 0 });
    await eventually(async () => { expect(await entries()).toBeLessThan(20); });
    await both.resume();
    expect(await both.report()).toMatchObject({ coverage: { 'diary.write done': [25, 25] }, findings: [], run: { applied: 0 } });
    await eventually(async () => { expect(await entries()).toBe(0); });
  });

  it('loses nothing while somebody makes a copy, whose snapshot nobody else knows', async () => {
    const store = new Counting(results);
    const keeper = new Client({ connectionString: both.context.storage.url });
    await keeper.connect();
    expect(await isOnlyKeeper(keeper, 'diary', 'control')).toBe(true);
    await writeDown(20);
    await both.report();
    watched({ keptSeconds: 0 }, store);
    await eventually(() => { expect(store.looks).toBeGreaterThan(3); });
    expect(await entries()).toBeGreaterThanOrEqual(20);
    await keeper.end();
    await eventually(async () => { expect(await entries()).toBe(0); });
  });

  it('is given up once by all who look after it: what was begun anew meanwhile goes on', async () => {
    await both.interrupt();
    await writeDown(100);
    const store = new Counting(results);
    let looks = Infinity;
    // It has found the tape too large; before it can do anything, another one has given it up, and a shadow has begun anew.
    watched({ mostBytes: 100_000 }, store, async () => {
      if (looks < Infinity) return;
      await endTape(both.context.storage.url, 'diary', () => store.giveUp('diary', 'by another one'));
      await both.begin();
      looks = store.looks;
    });
    await eventually(() => { expect(store.looks).toBeGreaterThan(looks + 3); });
    await writeDown(3, 100);
    expect(await both.report()).toMatchObject({ coverage: { 'diary.write done': [3, 3] }, findings: [], run: { state: 'playing' } });
    expect(await results.query('SELECT trouble FROM run WHERE trouble IS NOT NULL')).toEqual([{ trouble: 'by another one' }]);
  });

  it.each([
    { bounds: { mostBytes: 50_000 }, because: /^The tape grew to \d+ bytes, more than the 50000 that it may have/ },
    { bounds: { mostSilence: 0.01 }, because: /^Nobody has played the tape for \d+ seconds/ },
  ])('is given up as a whole beyond its bounds $bounds, and the context goes on without', async ({ bounds, because }) => {
    await both.interrupt();
    await writeDown(100);
    const running = watched(bounds);
    await eventually(async () => { expect(await lastRun()).toMatchObject({ state: 'ended', trouble: expect.stringMatching(because) }); });
    await eventually(async () => { expect(await entries()).toBe(0); });
    expect(running.isRunning('diary')).toBe(false);
    expect(await triggers()).toEqual([]);
    expect((await both.context.storage.query<{ n: number }>('SELECT count(*)::int AS n FROM diary.page'))[0]?.n).toBe(100);
    await writeDown(1, 100);
  });

  it('is not given up for a control that plays no more: the shadow goes on without', async () => {
    const store = new RunStore(results);
    await store.begin({ context: 'diary', purpose: 'control', keys: {}, snapshot: '1:1:' });
    await results.query(`UPDATE run SET said_at = now() - interval '2 hours' WHERE purpose = 'control'`);
    watched({});
    await eventually(async () => { expect(await store.current('diary', 'control')).toBeUndefined(); });
    expect(await results.query('SELECT purpose, trouble FROM run WHERE trouble IS NOT NULL')).toMatchObject([{ purpose: 'control', trouble: expect.stringContaining('has not played the tape for 7200 seconds') }]);
    await writeDown(3);
    expect(await both.report()).toMatchObject({ coverage: { 'diary.write done': [3, 3] }, run: { state: 'playing' } });
  });

  it('is ended that runs on when nobody wants it any more, since who kept it is dead', async () => {
    await both.interrupt();
    isWanted = false;
    watched({});
    await eventually(async () => { expect(await triggers()).toEqual([]); });
    await eventually(async () => { expect(await lastRun()).toMatchObject({ state: 'ended', trouble: expect.stringContaining('while nobody was there to end it') }); });
    await both.context.storage.query(`INSERT INTO diary.page VALUES ('by hand', 'nobody wrote that down')`);
    expect(await both.context.storage.query(`SELECT FROM diary.tape WHERE kind = 'unasked'`)).toEqual([]);
  });

  it('is left to who keeps it, who ends it in his own time', async () => {
    const keeper = new Client({ connectionString: both.context.storage.url });
    await keeper.connect();
    expect(await isOnlyKeeper(keeper, 'diary', 'shadow')).toBe(true);
    isWanted = false;
    watched({});
    await eventually(() => { expect(endings.length).toBeGreaterThan(1); });
    expect(endings).not.toContain(true);
    expect(await triggers()).not.toEqual([]);
    await keeper.end();
    await eventually(async () => { expect(await triggers()).toEqual([]); });
  });

  it('runs only while somebody plays it', async () => {
    const running = watched({});
    await eventually(() => { expect(running.isRunning('diary')).toBe(true); });
    await new RunStore(results).end('diary', 'shadow');
    await eventually(() => { expect(running.isRunning('diary')).toBe(false); });
  });
});
