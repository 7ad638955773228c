import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { deadlineIn, runInput } from '../runtime/index.js';
import { type Database, isTransient, openDatabase } from './index.js';
import { type NotesServer, backendOf as ownBackend, insertNote as insert, notesServer } from './notes.fixture.js';

let server: NotesServer;
let notes: Database;

beforeAll(async () => {
  server = await notesServer();
  notes = await server.open('notes');
});
afterEach(async () => { await server.admin.query('truncate notes.note, notes.child'); });
afterAll(async () => { await server.close(); });

const idsIn = (context: string) => server.idsIn(context);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a connection that dies', () => {
  const kill = async (pid: number | undefined) => { await server.admin.query('select pg_terminate_backend($1, 5000)', [pid]); };

  it('inside of a transaction becomes a catalogued error, and the next transaction works', async () => {
    const work = notes.transaction(async () => {
      await insert(notes, 1);
      await kill(await ownBackend(notes));
      await insert(notes, 2);
    });
    await expect(work).rejects.toEqual(code('database-away'));
    expect(await work.catch(isTransient)).toBe(true);
    await notes.transaction(() => insert(notes, 3));
    expect(await idsIn('notes')).toEqual([3]);
  });

  it('is not taken for a commit when the work passed over it', async () => {
    const work = notes.transaction(async () => {
      await insert(notes, 1);
      await kill(await ownBackend(notes));
      await insert(notes, 2).catch(() => undefined);
    });
    await expect(work).rejects.toEqual(code('database-away'));
    expect(await idsIn('notes')).toEqual([]);
  });

  it('while it is idle is replaced unnoticed', async () => {
    const backends = await Promise.all([1, 2, 3, 4].map(() => notes.query<{ pid: number }>('select pg_backend_pid() as pid from pg_sleep(0.05)')));
    for (const [row] of backends) await kill(row?.pid);
    await Promise.all([1, 2, 3, 4].map((id) => notes.transaction(() => insert(notes, id))));
    expect(await idsIn('notes')).toEqual([1, 2, 3, 4]);
  });

  it('over the commit leaves open whether it was stored, and says so', async () => {
    await server.admin.query(`create or replace function notes.die() returns trigger language plpgsql as $$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(5); return null; end $$ security definer`);
    await server.admin.query('create constraint trigger dies after insert on notes.child deferrable initially deferred for each row execute function notes.die()');
    await expect(notes.transaction(() => notes.query('insert into child values ($1)', [null]))).rejects.toEqual(code('maybe-executed'));
    await server.admin.query('drop trigger dies on notes.child');
  });

  it('under a write that stands by itself leaves open whether it was stored; under a read it does not', async () => {
    const doomed = async (sql: string) => {
      const answer = notes.query(sql, [5]).catch((error: unknown) => error);
      await expect(answer).resolves.toBeInstanceOf(Error);
      return answer;
    };
    const terminate = 'pg_terminate_backend(pg_backend_pid()) is null';
    expect(await doomed(`select ${terminate}, pg_sleep($1)`)).toEqual(code('database-away'));
    expect(await doomed(`with x as (insert into note values (1, 'x') returning id) select ${terminate}, pg_sleep($1) from x`)).toEqual(code('maybe-executed'));
  });
});

describe('a deadline', () => {
  const within = <T>(ms: number, work: () => Promise<T>) => runInput({ deadline: deadlineIn(ms) }, work);

  it('that has passed lets nothing begin', async () => {
    await expect(within(-1, () => notes.transaction(() => insert(notes, 1)))).rejects.toEqual(code('deadline-exceeded'));
    await expect(within(-1, () => insert(notes, 1))).rejects.toEqual(code('deadline-exceeded'));
    expect(await idsIn('notes')).toEqual([]);
  });

  it('ends a statement of a transaction on the server and rolls back', async () => {
    const work = within(300, () => notes.transaction(async () => {
      await insert(notes, 1);
      await notes.query('select pg_sleep(20)');
    }));
    await expect(work).rejects.toEqual(code('deadline-exceeded'));
    expect(await idsIn('notes')).toEqual([]);
    await expect(notes.query<{ limit: string }>('select current_setting(\'statement_timeout\') as limit')).resolves.toEqual([{ limit: '30s' }]);
  });

  it('ends a statement that stands by itself, here at once and on the server soon after', async () => {
    await expect(within(200, () => notes.query('select pg_sleep(20) /* alone */'))).rejects.toEqual(code('deadline-exceeded'));
    const running = async () => (await server.admin.query('select from pg_stat_activity where state = \'active\' and query like \'%/* alone */\'')).rowCount;
    while (await running()) await new Promise((done) => { setTimeout(done, 50); });
    await insert(notes, 1);
  });

  it('is kept while waiting for a free connection', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const holders = [1, 2, 3, 4].map(() => notes.transaction(() => promise));
    await expect(within(200, () => notes.transaction(() => insert(notes, 1)))).rejects.toEqual(code('deadline-exceeded'));
    resolve();
    await Promise.all(holders);
    await Promise.all([1, 2, 3, 4].map((id) => notes.transaction(() => insert(notes, id))));
  });

  it('further away than the limit of every statement costs no extra statement', async () => {
    await within(60_000, () => notes.transaction(async () => {
      expect(await notes.query('select current_setting(\'statement_timeout\') as limit')).toEqual([{ limit: '30s' }]);
    }));
  });
});

describe('two that want the same rows', () => {
  it('of which one must give way, get an error that says to try again', async () => {
    await Promise.all([insert(notes, 1), insert(notes, 2)]);
    const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    const touch = (id: number) => notes.query('update note set size = size + 1 where id = $1', [id]);
    const crossing = (mine: 0 | 1) => notes.transaction(async () => {
      await touch(mine + 1);
      both[mine].resolve();
      await both[1 - mine === 0 ? 0 : 1].promise;
      await touch(2 - mine);
    });
    const outcomes = await Promise.allSettled([crossing(0), crossing(1)]);
    const failed = outcomes.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []));
    expect(failed).toEqual([code('conflict-retry')]);
    expect(failed.map(isTransient)).toEqual([true]);
  });

  it('get the same error for a lock that is held too long', async () => {
    await insert(notes, 1);
    await notes.transaction(async () => {
      await notes.query('select from note where id = 1 for update');
      const [other] = [server.open('notes', 1)];
      await expect((await other).query('select from note where id = $1 for update nowait', [1])).rejects.toEqual(code('conflict-retry'));
    });
  });
});

it('prepares a statement once per connection, and again when a migration has made its plan stale', async () => {
  const single = await server.open('notes', 1);
  await server.admin.query('create table notes.growing (id int); grant select on notes.growing to banyan_notes');
  const read = () => single.query('select * from growing where id > $1', [0]);
  await read();
  await read();
  const prepared = await single.query<{ n: number }>('select count(*) as n from pg_prepared_statements where statement like \'%growing where%\'');
  expect(prepared).toEqual([{ n: 1 }]);
  await server.admin.query('alter table notes.growing add column more text');
  await read();
  await server.admin.query('alter table notes.growing add column even_more text');
  await expect(single.transaction(read)).rejects.toEqual(code('conflict-retry'));
  await single.transaction(read);
});

it('reads columns as what they are', async () => {
  const [row] = await notes.query(`select 9007199254740991::bigint as safe, 9007199254740993::bigint as unsafe, array[1, null]::bigint[] as several,
    1.10::numeric as exact, '{"a": [1]}'::jsonb as json, date '2024-02-29' as day, array[date '2024-02-29', null] as days,
    timestamptz '2024-02-29 12:00:00.123+02' as instant, null::bigint as nothing, count(*) as n`);
  expect(row).toEqual({
    safe: 9007199254740991, unsafe: '9007199254740993', several: [1, null], exact: '1.10', json: { a: [1] }, day: '2024-02-29', days: ['2024-02-29', null],
    instant: new Date('2024-02-29T10:00:00.123Z'), nothing: null, n: 1,
  });
});

it('says that the database is away when it is, at the start and after a close', async () => {
  await expect(openDatabase({ context: 'notes', url: 'postgres://a:b@127.0.0.1:1/none', applicationName: 'test' })).rejects.toEqual(code('database-away'));
  const closed = await server.open('notes', 1);
  await closed.close();
  await expect(closed.query('select 1')).rejects.toEqual(code('database-away'));
});

it('lets running transactions end before it closes', async () => {
  const closing = await server.open('notes', 1);
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = closing.transaction(async () => {
    await insert(closing, 1);
    await promise;
    await insert(closing, 2);
  });
  const closed = closing.close();
  resolve();
  await Promise.all([work, closed]);
  expect(await idsIn('notes')).toEqual([1, 2]);
});
