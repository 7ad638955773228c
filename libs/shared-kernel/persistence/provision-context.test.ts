import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type TestDatabase, eventually, testDatabase } from '../testing/plain.js';
import { type Migration, MigrationRefused, provisionContext } from './index.js';

const PROVISIONER = new URL('./provision.fixture.ts', import.meta.url).pathname;
const TYPESCRIPT = new URL('../testing/typescript.mjs', import.meta.url).href;

const initial: Migration = { name: '0001-initial', sql: 'create table thing (id bigint generated always as identity primary key, label text not null)' };

let database: TestDatabase;

beforeAll(async () => { database = await testDatabase(); });
afterAll(async () => { await database.drop(); });

async function as<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function refusedWith(code: string) {
  return expect.objectContaining({ code });
}

describe('the role of a context', () => {
  let own: string;
  let others: string;

  beforeAll(async () => {
    own = (await provisionContext({ adminUrl: database.url, name: 'apples', migrations: [initial] })).url;
    others = (await provisionContext({ adminUrl: database.url, name: 'pears', migrations: [initial] })).url;
    await as(others, (client) => client.query('insert into thing (label) values ($1)', ['a pear']));
  });

  it('reads and writes the rows of its own tables without naming the schema', async () => {
    await as(own, async (client) => {
      await client.query('insert into thing (label) values ($1)', ['an apple']);
      await client.query('update thing set label = $1', ['a red apple']);
      expect((await client.query('select label from thing')).rows).toEqual([{ label: 'a red apple' }]);
      await client.query('delete from thing');
    });
  });

  it.each([
    ['read another context\'s table', 'select * from pears.thing'],
    ['write another context\'s table', 'insert into pears.thing (label) values (\'x\')'],
    ['use another context\'s sequence', 'select nextval(\'pears.thing_id_seq\')'],
    ['create a table in its own schema', 'create table apples.more (id int)'],
    ['create a table in public', 'create table public.more (id int)'],
    ['create a temporary table', 'create temporary table more (id int)'],
    ['create a schema', 'create schema more'],
    ['create a role', 'create role more'],
    ['change its own tables', 'alter table apples.thing add column more int'],
    ['drop its own tables', 'drop table apples.thing'],
    ['rewrite which migrations were applied', 'delete from apples.migration'],
    ['become the administrator', 'set role postgres'],
    ['become another context', 'set role banyan_pears'],
    ['read password hashes', 'select * from pg_authid'],
    ['read files of the server', 'select pg_read_file(\'/etc/passwd\')'],
  ])('cannot %s', async (_, statement) => {
    await as(own, async (client) => {
      await expect(client.query(statement)).rejects.toEqual(expect.objectContaining({ code: expect.stringMatching(/^(?:42501|22023)$/) }));
    });
  });

  it('has its limits on the server, whatever a client does', async () => {
    await as(own, async (client) => {
      const { rows: [limits] } = await client.query(`select current_setting('search_path') as path, current_setting('statement_timeout') as statement,
        current_setting('lock_timeout') as lock, current_setting('idle_in_transaction_session_timeout') as idle, current_setting('timezone') as zone`);
      expect(limits).toEqual({ path: 'apples', statement: '30s', lock: '10s', idle: '1min', zone: 'UTC' });
    });
  });

  it('is given its password back when somebody has changed it', async () => {
    await as(database.url, (client) => client.query('alter role banyan_apples password \'something else\''));
    const { url } = await provisionContext({ adminUrl: database.url, name: 'apples', migrations: [initial] });
    expect(url).toBe(own);
    await as(url, (client) => client.query('select'));
  });

  it('is refused when it has more rights than a context may have', async () => {
    await as(database.url, (client) => client.query('create role banyan_plums login createdb'));
    await expect(provisionContext({ adminUrl: database.url, name: 'plums', migrations: [] })).rejects.toThrow('banyan_plums exists and has more rights');
    await as(database.url, (client) => client.query('drop role banyan_plums'));
  });
});

describe('migrations', () => {
  it('run once when five processes start at the same time', async () => {
    const slow: Migration[] = [
      { name: '0001-initial', sql: 'create table counted (n int); insert into counted select count(*) from pg_sleep(0.2)' },
      { name: '0002-more', sql: 'insert into counted values (2)' },
    ];
    const processes = Array.from({ length: 5 }, () => spawn(process.execPath, ['--import', TYPESCRIPT, PROVISIONER, database.url, JSON.stringify(slow)], {
      env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'inherit', 'inherit'],
    }));
    const codes = await Promise.all(processes.map(async (it) => (await once(it, 'exit'))[0]));
    expect(codes).toEqual([0, 0, 0, 0, 0]);
    await as(database.url, async (client) => {
      expect((await client.query('select n from raced.counted order by n')).rows).toEqual([{ n: 1 }, { n: 2 }]);
      expect((await client.query('select name from raced.migration order by applied_at')).rows).toEqual([{ name: '0001-initial' }, { name: '0002-more' }]);
    });
  });

  it('survive contexts being prepared at the same time in several databases of one server', async () => {
    const more = await Promise.all([testDatabase(), testDatabase()]);
    const all = [database, ...more].flatMap(({ url }) => ['lemons', 'limes', 'figs', 'lemons'].map((name) => provisionContext({ adminUrl: url, name, migrations: [initial] })));
    const answers = (await Promise.all(all)).map(({ url }) => as(url, async (client) => (await client.query('select from thing')).rowCount));
    expect(await Promise.all(answers)).toEqual(all.map(() => 0));
    await Promise.all(more.map((it) => it.drop()));
  });

  it('are added to without running the old ones again', async () => {
    const provision = (migrations: Migration[]) => provisionContext({ adminUrl: database.url, name: 'grown', migrations });
    await provision([initial]);
    const { url } = await provision([initial, { name: '0002-colour', sql: 'alter table thing add column colour text' }]);
    await as(url, (client) => client.query('insert into thing (label, colour) values ($1, $2)', ['plum', 'blue']));
    await expect(provision([initial])).resolves.toEqual({ url }); // an older version of the code starts beside the newer one
  });

  it('are refused when the text of an applied one has changed', async () => {
    await provisionContext({ adminUrl: database.url, name: 'edited', migrations: [initial] });
    const edited = provisionContext({ adminUrl: database.url, name: 'edited', migrations: [{ ...initial, sql: `${initial.sql} ` }] });
    await expect(edited).rejects.toBeInstanceOf(MigrationRefused);
    await expect(edited).rejects.toThrow('Put the old text back, and make the change in a new migration');
    await provisionContext({ adminUrl: database.url, name: 'edited', migrations: [{ ...initial, sql: initial.sql.replaceAll('\n', '\r\n') }] });
  });

  it('leave nothing of one that failed, and go on with it next time', async () => {
    const broken: Migration = { name: '0002-broken', sql: 'create table half (n int); select 1 / 0' };
    await expect(provisionContext({ adminUrl: database.url, name: 'mended', migrations: [initial, broken] })).rejects.toThrow('Migration "0002-broken" of mended: division by zero');
    const { url } = await provisionContext({ adminUrl: database.url, name: 'mended', migrations: [initial, { ...broken, sql: 'create table half (n int)' }] });
    await as(url, (client) => client.query('select from half'));
  });

  it.each([
    ['ends its own transaction', [{ name: '0001-commit', sql: 'select 1; commit' }], 'Leave begin, commit and rollback out of it'],
    ['has the name of another', [initial, initial], 'two migrations have this name'],
    ['has a name that is no name', [{ name: 'Initial!', sql: '' }], 'lower-case letters, digits and hyphens'],
  ])('are refused when one %s', async (_, migrations, reason) => {
    await expect(provisionContext({ adminUrl: database.url, name: 'refused', migrations })).rejects.toThrow(reason);
  });

  it('wait for a table in use without making everybody else wait for long', async () => {
    const { url } = await provisionContext({ adminUrl: database.url, name: 'busy', migrations: [initial] });
    await as(url, async (reader) => {
      await reader.query('begin; select from thing');
      const migrating = provisionContext({ adminUrl: database.url, name: 'busy', migrations: [initial, { name: '0002-more', sql: 'alter table thing add column more int' }] });
      await as(url, (other) => other.query('select from thing')); // waits behind the migration, which gives up after 3 s
      await reader.query('commit');
      await expect(migrating).resolves.toEqual({ url });
    });
  });
});

describe('an index that is made beside the traffic', () => {
  const byLabel: Migration = { name: '0002-by-label', sql: 'create unique index concurrently thing_by_label on thing (label)', index: 'thing_by_label' };
  const validity = `select indisvalid as valid from pg_index where indexrelid = to_regclass('thing_by_label')`;

  it('lets others write meanwhile', async () => {
    const { url } = await provisionContext({ adminUrl: database.url, name: 'indexed', migrations: [initial] });
    await as(url, async (writer) => {
      await writer.query(`begin; insert into thing (label) values ('a')`);
      const migrating = provisionContext({ adminUrl: database.url, name: 'indexed', migrations: [initial, byLabel] });
      await eventually(async () => {
        const { rows } = await as(database.url, (client) => client.query(`select from pg_stat_activity where query like 'create unique index concurrently%' and wait_event_type = 'Lock'`));
        expect(rows).toHaveLength(1);
      });
      await as(url, (other) => other.query(`insert into thing (label) values ('b')`));
      await writer.query('commit');
      await migrating;
      expect((await writer.query(validity)).rows).toEqual([{ valid: true }]);
    });
  });

  it('is made once when several processes start at the same time, and none of them waits for another for ever', async () => {
    const starts = Array.from({ length: 4 }, () => provisionContext({ adminUrl: database.url, name: 'indexed_once', migrations: [initial, byLabel] }));
    const [first] = await Promise.all(starts);
    expect((await as(first?.url ?? '', (client) => client.query(validity))).rows).toEqual([{ valid: true }]);
  });

  it('is made anew when a part of it was left behind', async () => {
    const { url } = await provisionContext({ adminUrl: database.url, name: 'half_indexed', migrations: [initial] });
    await as(url, (client) => client.query(`insert into thing (label) values ('twice'), ('twice')`));
    const provision = () => provisionContext({ adminUrl: database.url, name: 'half_indexed', migrations: [initial, byLabel] });
    await expect(provision()).rejects.toThrow('Migration "0002-by-label" of half_indexed: could not create unique index');
    expect((await as(url, (client) => client.query(validity))).rows).toEqual([{ valid: false }]);
    await as(url, (client) => client.query('delete from thing where id = 1'));
    await provision();
    expect((await as(url, (client) => client.query(validity))).rows).toEqual([{ valid: true }]);
  });
});

it('asks for an administrator with a password', async () => {
  const url = new URL(database.url);
  url.password = '';
  url.searchParams.set('password', decodeURIComponent(new URL(database.url).password));
  await expect(provisionContext({ adminUrl: url.href, name: 'open', migrations: [] })).rejects.toThrow('The administrator\'s URL has no password');
});

it.each(['public', 'pg_stuff', 'Payments', '1st', 'a b'])('refuses "%s" as the name of a context', async (name) => {
  await expect(provisionContext({ adminUrl: database.url, name, migrations: [] })).rejects.toThrow('cannot be the name of a context');
});

it('says that the database is away when it is', async () => {
  await expect(provisionContext({ adminUrl: 'postgres://a:b@127.0.0.1:1/none', name: 'away', migrations: [] })).rejects.toEqual(refusedWith('database-away'));
});
