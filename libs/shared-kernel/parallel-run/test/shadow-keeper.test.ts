import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { kernelMigrations, kernelTables } from '../../context/index.js';
import { type Database, openDatabase, provisionContext } from '../../persistence/index.js';
import { TcpProxy, type TestDatabase, eventually, testDatabase } from '../../testing/index.js';
import { Findings, PARALLEL_RUN, RunStore, ShadowKeeper, dropCopy, endTape, letReadTape, parallelRunMigrations } from '../index.js';

const migrations = [...kernelMigrations, { name: '0001-initial', sql: 'CREATE TABLE page (id integer PRIMARY KEY, text text)' }];

describe('a shadow', () => {
  let isWanted: boolean;
  let storage: TestDatabase;
  let proxy: TcpProxy;
  let results: Database;
  let resultsUrl: string;
  let keeper: ShadowKeeper | undefined;
  let drop: () => Promise<void>;
  beforeEach(async () => {
    isWanted = true;
    storage = await testDatabase();
    proxy = await TcpProxy.to(Number(new URL(storage.url).port));
    await provisionContext({ adminUrl: storage.url, name: 'diary', migrations });
    ({ url: resultsUrl } = await provisionContext({ adminUrl: storage.url, name: PARALLEL_RUN, migrations: parallelRunMigrations }));
    results = await openDatabase({ context: PARALLEL_RUN, url: resultsUrl, poolSize: 2, applicationName: 'test results' });
  }, 60_000);
  afterEach(async () => {
    await keeper?.stop();
    await drop();
    await proxy.stop();
    await results.close();
    await storage.drop();
  });

  /** Plays by doing nothing: what is looked at is how it begins. */
  function keep({ targetUrl = storage.url, personal = [] }: { targetUrl?: string; personal?: readonly string[] }): void {
    const plan = { context: 'diary', sourceUrl: storage.url, targetUrl, purpose: 'shadow' as const, migrations, kernelTables, personal, key: Buffer.alloc(32) };
    drop = () => dropCopy({ ...plan, targetUrl: storage.url });
    keeper = new ShadowKeeper({
      plan, store: new RunStore(results), tapeUrl: resultsUrl, storeUrl: resultsUrl, isWanted: () => isWanted, program: ['-e', 'process.stdin.resume()'], environment: {},
    });
    keeper.start();
  }

  const runs = async () => (await results.query<{ state: string; trouble: string | null }>('SELECT state, trouble FROM run ORDER BY started_at'));

  it('that cannot begin says why where people look, once, and begins when what was in the way is gone', async () => {
    proxy.close();
    keep({ targetUrl: proxy.through(storage.url) });
    await eventually(async () => { expect(await runs()).toEqual([{ state: 'ended', trouble: expect.stringMatching(/^It could not be kept, and begins anew with another copy: ./) }]); });
    await eventually(async () => { expect(await results.query('SELECT FROM run WHERE said_at > started_at')).toHaveLength(1); });
    expect(await runs()).toHaveLength(1);
    const [run] = await new Findings(results, () => []).runs('diary');
    expect(run?.gate.checks).toContainEqual(expect.objectContaining({ name: 'shadow', ok: false, explanation: expect.stringMatching(/^It could not be kept/) }));
    proxy.open();
    await eventually(async () => { expect((await runs()).at(-1)).toEqual({ state: 'playing', trouble: null }); }, 30_000);
  }, 60_000);

  it('whose tape is ended while the copy is made does not begin on it: it makes another copy', async () => {
    const operator = new Client({ connectionString: storage.url });
    await operator.connect();
    await operator.query('BEGIN; LOCK TABLE diary.migration'); // it is read after the triggers are made, before anything is copied
    keep({});
    await eventually(async () => { expect(await storage.query(`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`)).toHaveLength(1); });
    await endTape(storage.url, 'diary');
    await operator.end();
    await eventually(async () => { expect((await runs()).at(-1)).toEqual({ state: 'playing', trouble: null }); }, 30_000);
    expect(await storage.query(`SELECT FROM pg_trigger WHERE tgname = 'tape_inserted' AND tgrelid = 'diary.page'::regclass`)).toHaveLength(1);
    expect(await runs()).toContainEqual({ state: 'ended', trouble: expect.stringContaining('was ended while the copy was made') });
  }, 60_000);

  it('that cannot begin because old build and new one do not hide the same fields names both, and begins when they do', async () => {
    const store = new RunStore(results);
    await store.noteRecording('monolith', 'diary', ['author', 'e_mail']);
    keep({ personal: ['eMail'] });
    const why = 'It could not be kept, and begins anew with another copy: this build calls email personal in diary, and the one that serves calls author, email so. Deploy a change of `personal` to both before a parallel run.';
    await eventually(async () => { expect(await runs()).toEqual([{ state: 'ended', trouble: why }]); });
    await store.noteRecording('monolith', 'diary', ['e_mail']);
    await eventually(async () => { expect((await runs()).at(-1)).toEqual({ state: 'playing', trouble: null }); }, 30_000);
  }, 60_000);

  it('that is wanted no more ends the control too, of which nobody has heard, so that the next one begins without it', async () => {
    await new RunStore(results).begin({ context: 'diary', purpose: 'control', keys: {}, snapshot: '1:1:' });
    const ofDiary = async () => (await new Findings(results, () => []).runs('diary'))[0];
    keep({});
    await eventually(async () => { expect(await ofDiary()).toMatchObject({ shadow: { state: 'playing' }, control: { state: 'playing' } }); }, 30_000);
    isWanted = false;
    await eventually(async () => { expect((await runs()).map((it) => it.state)).toEqual(['ended', 'ended']); }, 30_000);
    isWanted = true;
    await eventually(async () => { expect(await ofDiary()).toMatchObject({ shadow: { state: 'playing' }, control: undefined }); }, 30_000);
  }, 60_000);
});

it('a shadow and its controls may be let read a tape at the same moment', async () => {
  const storage = await testDatabase();
  await provisionContext({ adminUrl: storage.url, name: 'diary', migrations });
  await provisionContext({ adminUrl: storage.url, name: PARALLEL_RUN, migrations: parallelRunMigrations });
  await Promise.all(Array.from({ length: 8 }, () => letReadTape(storage.url, 'diary')));
  expect(await storage.query(`SELECT has_table_privilege('banyan_${PARALLEL_RUN}', 'diary.tape', 'SELECT') AS may`)).toEqual([{ may: true }]);
  await storage.drop();
});
