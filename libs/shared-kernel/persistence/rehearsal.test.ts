import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type Database, NotRehearsed } from './index.js';
import { NoteRow, type NotesServer, backendOf, insertNote, notesServer } from './notes.fixture.js';

let server: NotesServer;
let database: Database;
beforeAll(async () => {
  server = await notesServer();
  database = await server.open('rehearsing');
});
beforeEach(async () => { await server.admin.query('truncate rehearsing.note, rehearsing.child'); });
afterAll(() => server.close());

const LIMIT_MS = 5_000;
const ids = (): Promise<number[]> => server.idsIn('rehearsing');
const never = (): Promise<never> => new Promise(() => undefined);
const timeIsUp = { code: 'deadline-exceeded' };

/** Lets somebody else hold a note's row lock while the work runs. */
async function whileHeld<T>(id: number, work: () => Promise<T>): Promise<T> {
  await server.admin.query('begin');
  await server.admin.query('select from rehearsing.note where id = $1 for update', [id]);
  try {
    return await work();
  } finally {
    await server.admin.query('rollback');
  }
}

describe('what is rehearsed inside of a transaction', () => {
  it('sees what the transaction has written, answers, and leaves nothing behind', async () => {
    await database.transaction(async () => {
      await insertNote(database, 1);
      const seen = await database.rehearse(async () => {
        await insertNote(database, 2);
        return (await database.query<{ id: number }>('select id from note order by id')).map((it) => it.id);
      }, LIMIT_MS);
      expect(seen).toEqual([1, 2]);
      await insertNote(database, 3);
    });
    expect(await ids()).toEqual([1, 3]);
  });

  it('may be the first thing in it', async () => {
    await database.transaction(async () => {
      await database.rehearse(() => insertNote(database, 1), LIMIT_MS);
      await insertNote(database, 1);
    });
    expect(await ids()).toEqual([1]);
  });

  it('is on the same connection, through TypeORM and joined transactions, too', async () => {
    await database.transaction(async () => {
      const outer = await backendOf(database);
      const inner = await database.rehearse(() => database.transaction(async () => {
        await database.manager().insert(NoteRow, { id: 7, body: 'seven', size: 1 });
        await database.manager().transaction((nested) => nested.insert(NoteRow, { id: 8, body: 'eight', size: 1 }));
        expect(await database.manager().count(NoteRow)).toBe(2);
        return backendOf(database);
      }), LIMIT_MS);
      expect(inner).toBe(outer);
    });
    expect(await ids()).toEqual([]);
  });

  it('can fail as it likes: the transaction goes on', async () => {
    await database.transaction(async () => {
      await insertNote(database, 1);
      await expect(database.rehearse(() => insertNote(database, 1), LIMIT_MS)).rejects.toMatchObject({ code: '23505' });
      await expect(database.rehearse(() => database.query('nonsense'), LIMIT_MS)).rejects.toMatchObject({ code: '42601' });
      await expect(database.rehearse(async () => { throw new Error('no'); }, LIMIT_MS)).rejects.toThrow('no');
      await insertNote(database, 2);
    });
    expect(await ids()).toEqual([1, 2]);
  });

  it('has failed when it passes a failed statement over', async () => {
    await database.transaction(async () => {
      await expect(database.rehearse(async () => { await database.query('nonsense').catch(() => undefined); return 'fine'; }, LIMIT_MS))
        .rejects.toMatchObject({ code: 'transaction-rolled-back' });
      await expect(database.rehearse(async () => { await database.transaction(async () => { throw new Error('no'); }).catch(() => undefined); }, LIMIT_MS))
        .rejects.toMatchObject({ code: 'transaction-rolled-back' });
      await expect(database.rehearse(async () => { database.post('nonsense'); }, LIMIT_MS)).rejects.toMatchObject({ code: 'transaction-rolled-back' });
    });
  });

  it('cannot end the transaction', async () => {
    await expect(database.transaction(async () => {
      await insertNote(database, 1);
      for (const sql of ['commit', ' ROLLBACK', 'end', 'select 1; commit', 'begin', '-- done\ncommit', '/* done */ commit', 'select 1; -- and\n /* so */ end']) {
        await expect(database.rehearse(() => database.query(sql), LIMIT_MS)).rejects.toThrow(/cannot begin or end/);
      }
      throw new Error('rolled back');
    })).rejects.toThrow('rolled back');
    expect(await ids()).toEqual([]);
  });

  it('has hooks and a key of its own: what it hangs on them is forgotten', async () => {
    const ran: string[] = [];
    await database.transaction(async () => {
      const key = database.transactionKey;
      database.beforeCommit('a', async () => { ran.push('before'); });
      await database.rehearse(async () => {
        expect(database.transactionKey).not.toBe(key);
        expect(database.inTransaction).toBe(true);
        database.afterCommit(() => ran.push('after rehearsed'));
        database.beforeCommit('a', async () => { ran.push('before rehearsed'); await insertNote(database, 5); });
      }, LIMIT_MS);
      database.afterCommit(() => ran.push('after'));
    });
    expect(ran).toEqual(['before rehearsed', 'before', 'after']);
    expect(await ids()).toEqual([]);
  });

  it('does not take along what others do in the transaction meanwhile, not even when nobody awaits it', async () => {
    await database.transaction(async () => {
      const { promise: begun, resolve } = Promise.withResolvers<void>();
      const rehearsed = database.rehearse(async () => { await insertNote(database, 9); resolve(); await insertNote(database, 10); }, LIMIT_MS);
      database.post(`insert into note (id, body) values (1, 'posted at the same time')`);
      await begun;
      database.post(`insert into note (id, body) values (2, 'posted within')`);
      const third = insertNote(database, 3);
      await rehearsed;
      database.post(`insert into note (id, body) values (4, 'posted after')`);
      await third;
    });
    expect(await ids()).toEqual([1, 2, 3, 4]);
  });

  it('is waited for by the end of the transaction, so that it is never committed', async () => {
    let rehearsed: Promise<unknown> = Promise.resolve();
    await database.transaction(async () => {
      await insertNote(database, 1);
      rehearsed = database.rehearse(async () => { await insertNote(database, 9); await database.query('select pg_sleep(0.05)'); }, LIMIT_MS);
      database.post(`insert into note (id, body) values (2, 'posted')`);
    });
    await rehearsed;
    expect(await ids()).toEqual([1, 2]);
  });

  it('is refused inside of itself, beside itself and among works that take turns', async () => {
    await database.transaction(async () => {
      expect(database.isRehearsable).toBe(true);
      await database.rehearse(async () => {
        expect(database.isRehearsable).toBe(false);
        await expect(database.rehearse(async () => 1, LIMIT_MS)).rejects.toThrow(NotRehearsed);
        await expect(database.inTurns([])).rejects.toThrow(NotRehearsed);
      }, LIMIT_MS);
      const [first, second] = await Promise.allSettled([database.rehearse(async () => 1, LIMIT_MS), database.rehearse(async () => 2, LIMIT_MS)]);
      expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
      const [line] = await database.inTurns([[async () => {
        expect(database.isRehearsable).toBe(false);
        await database.rehearse(async () => 1, LIMIT_MS);
      }]]);
      expect(line).toMatchObject({ failed: true, error: expect.any(NotRehearsed) });
    });
  });

  it('is not run at all when the transaction has failed already', async () => {
    let runs = 0;
    await expect(database.transaction(async () => {
      await database.query('nonsense').catch(() => undefined);
      await expect(database.rehearse(async () => { runs += 1; }, LIMIT_MS)).rejects.toThrow(NotRehearsed);
    })).rejects.toMatchObject({ code: 'transaction-rolled-back', cause: { code: '42601' } });
    expect(runs).toBe(0);
  });
});

describe('the time of a rehearsal', () => {
  it('ends while it waits for a lock that somebody still holds, and the transaction commits', async () => {
    await insertNote(database, 1);
    await whileHeld(1, async () => {
      await database.transaction(async () => {
        await insertNote(database, 2);
        await expect(database.rehearse(() => database.query('update note set size = 1 where id = 1'), 30)).rejects.toMatchObject(timeIsUp);
        await insertNote(database, 3);
      });
      expect(await ids()).toEqual([1, 2, 3]);
    });
  });

  it('ends although a promise never does, and nothing is let through afterwards', async () => {
    const { promise: later, resolve } = Promise.withResolvers<void>();
    const afterwards: Promise<unknown>[] = [];
    await database.transaction(async () => {
      await expect(database.rehearse(async () => {
        afterwards.push(later.then(() => insertNote(database, 8)), later.then(() => database.transaction(() => insertNote(database, 9))));
        afterwards.push(later.then(() => database.inTransaction));
        await never();
      }, 20)).rejects.toMatchObject(timeIsUp);
      await insertNote(database, 1);
    });
    resolve();
    expect(await Promise.allSettled(afterwards)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }, { status: 'fulfilled', value: true }]);
    expect(await ids()).toEqual([1]);
  });

  it('is one limit for all of its statements together, and leaves the others of the transaction alone', async () => {
    await database.transaction(async () => {
      const timeout = async () => (await database.query<{ statement_timeout: string }>('show statement_timeout'))[0]?.statement_timeout;
      const before = await timeout();
      await expect(database.rehearse(() => Promise.all([1, 2, 3, 4].map(() => database.query('select pg_sleep(0.06)'))), 100)).rejects.toMatchObject(timeIsUp);
      expect(await timeout()).toBe(before);
    });
  });
});

describe('what is rehearsed outside of a transaction', () => {
  it('sees one snapshot, cannot write, and leaves no transaction open', async () => {
    const other = new Client({ connectionString: database.dataSource.options.type === 'postgres' ? database.dataSource.options.url : '' });
    await other.connect();
    const count = async () => (await database.query<{ n: number }>('select count(*)::int as n from note'))[0]?.n;
    const counted = await database.rehearse(async () => {
      const first = await count();
      await other.query(`insert into rehearsing.note (id, body) values (1, 'in between')`);
      return [first, await count()];
    }, LIMIT_MS);
    await other.end();
    expect(counted).toEqual([0, 0]);
    expect(await count()).toBe(1);
    await expect(database.rehearse(() => insertNote(database, 2), LIMIT_MS)).rejects.toMatchObject({ code: '25006' });
    await expect(database.rehearse(never, 20)).rejects.toMatchObject(timeIsUp);
    const open = await server.admin.query(`select from pg_stat_activity where application_name = 'test rehearsing' and state like 'idle in%'`);
    expect(open.rowCount).toBe(0);
  });
});
