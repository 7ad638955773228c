import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runInput } from '../runtime/index.js';
import { type Database, TurnsMixed } from './index.js';
import { NoteRow, type NotesServer, backendOf as ownBackend, insertNote as insert, notesServer } from './notes.fixture.js';

let server: NotesServer;
let notes: Database;
let books: Database;

beforeAll(async () => {
  server = await notesServer();
  [notes, books] = [await server.open('notes'), await server.open('books')];
});
afterEach(async () => { await server.admin.query('truncate notes.note, notes.child, books.note, books.child'); });
afterAll(async () => { await server.close(); });

const idsIn = (context: string) => server.idsIn(context);
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('a transaction', () => {
  it('shows nothing to others before it has committed, and everything after', async () => {
    await notes.transaction(async () => {
      await insert(notes, 1);
      expect(await idsIn('notes')).toEqual([]);
      expect(notes.inTransaction).toBe(true);
    });
    expect(await idsIn('notes')).toEqual([1]);
    expect(notes.inTransaction).toBe(false);
  });

  it('rolls back on an error of the work and passes it on as it is', async () => {
    const mine = new Error('mine');
    await expect(notes.transaction(async () => { await insert(notes, 1); throw mine; })).rejects.toBe(mine);
    expect(await idsIn('notes')).toEqual([]);
  });

  it('is joined by a transaction inside of it', async () => {
    await expect(notes.transaction(async () => {
      await notes.transaction(() => insert(notes, 1));
      throw new Error('after the inner one');
    })).rejects.toThrow('after the inner one');
    expect(await idsIn('notes')).toEqual([]);
  });

  it('can only be rolled back once a joined one has failed, also when the error is caught', async () => {
    const outer = notes.transaction(async () => {
      await insert(notes, 1);
      await notes.transaction(async () => { throw new Error('inner'); }).catch(() => undefined);
    });
    await expect(outer).rejects.toEqual(code('transaction-rolled-back'));
    expect(await idsIn('notes')).toEqual([]);
  });

  it('notices that PostgreSQL answered its commit with a rollback', async () => {
    const outer = notes.transaction(async () => {
      await insert(notes, 1);
      await insert(notes, 1).catch(() => undefined); // the same key again: the transaction is broken from here on
    });
    await expect(outer).rejects.toEqual(code('transaction-rolled-back'));
    await expect(outer).rejects.toEqual(expect.objectContaining({ cause: code('23505') }));
    expect(await idsIn('notes')).toEqual([]);
  });

  it('says what a deferred constraint says at the commit', async () => {
    await expect(notes.transaction(() => notes.query('insert into child values ($1)', [99]))).rejects.toEqual(code('23503'));
    await insert(notes, 1); // the connection is usable
  });

  it('sends statements in the order in which they are asked for, raw ones and TypeORM\'s', async () => {
    await notes.transaction(async () => {
      const backends = await Promise.all(Array.from({ length: 20 }, () => ownBackend(notes)));
      expect(new Set(backends).size).toBe(1);
      await Promise.all([1, 2, 3, 4, 5, 6].map((id) => (id % 2 === 0 ? insert(notes, id) : notes.manager().insert(NoteRow, { id, body: 'x' }))));
    });
    expect(await idsIn('notes')).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is the one that TypeORM\'s entity manager works in, with savepoints for transactions of its own', async () => {
    await notes.transaction(async () => {
      const manager = notes.manager();
      await manager.save(NoteRow, { id: 1, body: 'kept', size: 2 ** 40 });
      await manager.transaction(async (inner) => {
        await inner.insert(NoteRow, { id: 2, body: 'given up' });
        throw new Error('given up');
      }).catch(() => undefined);
      expect(await idsIn('notes')).toEqual([]);
    });
    expect(await notes.manager().find(NoteRow)).toEqual([{ id: 1, body: 'kept', size: 2 ** 40 }]);
  });

  it('does not mix with one of another context', async () => {
    await expect(notes.transaction(async () => {
      await insert(notes, 1);
      await books.transaction(() => insert(books, 2));
      expect(books.inTransaction).toBe(false);
      throw new Error('notes only');
    })).rejects.toThrow('notes only');
    expect([await idsIn('notes'), await idsIn('books')]).toEqual([[], [2]]);
  });

  it('names the first of several pipelined statements that failed, not those that failed for its sake', async () => {
    const asked = notes.transaction(async () => {
      const all = [1, 1, 2, 3].map((id) => insert(notes, id));
      await Promise.allSettled(all);
    });
    await expect(asked).rejects.toEqual(code('transaction-rolled-back'));
    await expect(asked).rejects.toEqual(expect.objectContaining({ cause: code('23505') }));
    await notes.transaction(() => insert(notes, 4)); // the connection is usable
    expect(await idsIn('notes')).toEqual([4]);
  });

  it('without a statement costs none', async () => {
    await expect(notes.transaction(async () => 5)).resolves.toBe(5);
    await expect(notes.transaction(async () => { throw new Error('mine'); })).rejects.toThrow('mine');
  });

  it('is not the one of a request beside it', async () => {
    await Promise.allSettled(Array.from({ length: 12 }, (_, index) => runInput({}, () => notes.transaction(async () => {
      await insert(notes, index);
      if (index % 3 === 0) throw new Error('every third one');
    }))));
    expect(await idsIn('notes')).toEqual([1, 2, 4, 5, 7, 8, 10, 11]);
  });

  it('refuses, with the reason, what was not awaited and comes when it is over', async () => {
    let leaked: (() => Promise<unknown>) | undefined;
    await notes.transaction(async () => {
      const manager = notes.manager();
      const { promise, resolve } = Promise.withResolvers<void>();
      const both = promise.then(() => Promise.allSettled([insert(notes, 1), manager.insert(NoteRow, { id: 2, body: 'x' }), notes.transaction(() => insert(notes, 3))]));
      leaked = () => { resolve(); return both; };
    });
    const outcomes = await leaked?.();
    const refused = { status: 'rejected', reason: expect.objectContaining({ message: expect.stringContaining('is over. Something in it was not awaited') }) };
    expect(outcomes).toEqual([refused, refused, refused]);
    expect(await idsIn('notes')).toEqual([]);
  });
});

describe('works that take turns', () => {
  it('run at the same time and leave what they would have left one after the other', async () => {
    await notes.transaction(async () => {
      expect(await notes.inTurns([[1, 2], [3], [4, 5, 6]].map((line) => line.map((id) => () => insert(notes, id))))).toEqual([
        { done: 2, failed: false }, { done: 1, failed: false }, { done: 3, failed: false },
      ]);
      await notes.inTurns([[async () => undefined], [async () => { await Promise.all([insert(notes, 7), insert(notes, 8)]); }]]);
    });
    expect(await idsIn('notes')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('are refused, and nothing is stored, when one reads before others write and writes after', async () => {
    await insert(notes, 1);
    const raise = async () => {
      const [row] = await notes.query<{ size: number }>('select size from note where id = 1 for update');
      await notes.query('update note set size = $1 where id = 1', [(row?.size ?? 0) + 1]);
    };
    const both = notes.transaction(async () => {
      const [first] = await notes.inTurns([[raise], [raise]]);
      expect(first?.error).toBeInstanceOf(TurnsMixed);
    });
    await expect(both).rejects.toEqual(code('transaction-rolled-back'));
    await notes.transaction(async () => { await notes.inTurns([[raise, raise]]); });
    expect(await notes.query('select size from note')).toEqual([{ size: 2 }]);
  });

  it('are refused also when they use TypeORM or a transaction of their own', async () => {
    const twice = (id: number) => async () => {
      await notes.manager().insert(NoteRow, { id, body: 'x' });
      await notes.transaction(() => notes.manager().update(NoteRow, id, { body: 'y' }));
    };
    const both = notes.transaction(async () => { await notes.inTurns([[twice(1)], [twice(2)]]); });
    await expect(both).rejects.toEqual(code('transaction-rolled-back'));
    await notes.transaction(async () => { await notes.inTurns([[twice(1)]]); });
    expect(await idsIn('notes')).toEqual([1]);
  });

  it('fail each for its own line', async () => {
    await notes.transaction(async () => {
      const fail = async () => { throw new Error('mine'); };
      expect(await notes.inTurns([[() => insert(notes, 1), fail, () => insert(notes, 2)], [() => insert(notes, 3)]])).toEqual([
        { done: 1, failed: true, error: expect.objectContaining({ message: 'mine' }) }, { done: 1, failed: false },
      ]);
    });
    expect(await idsIn('notes')).toEqual([1, 3]);
  });
});

describe('hooks', () => {
  it('before the commit run last, inside, once per key, and may ask for more', async () => {
    const story: string[] = [];
    await notes.transaction(async () => {
      const flush = async () => { story.push('flush'); await insert(notes, story.length); };
      notes.beforeCommit('outbox', flush);
      notes.beforeCommit('outbox', flush);
      notes.beforeCommit('audit', async () => { story.push('audit'); notes.beforeCommit('outbox', flush); });
      story.push('work');
    });
    expect(story).toEqual(['work', 'flush', 'audit', 'flush']);
    expect(await idsIn('notes')).toEqual([2, 4]);
  });

  it('before the commit take everything with them when they fail', async () => {
    await expect(notes.transaction(async () => {
      await insert(notes, 1);
      notes.beforeCommit('outbox', async () => { throw new Error('no room'); });
    })).rejects.toThrow('no room');
    expect(await idsIn('notes')).toEqual([]);
  });

  it('that never end asking for each other are stopped', async () => {
    await expect(notes.transaction(async () => {
      const again = async () => { notes.beforeCommit('again', again); };
      notes.beforeCommit('again', again);
    })).rejects.toThrow('go on asking for each other');
  });

  it('after the commit see it, are outside of it, and cannot harm it', async () => {
    const seen: unknown[] = [];
    await notes.transaction(async () => {
      await insert(notes, 1);
      notes.afterCommit(() => { throw new Error('a careless hook'); });
      notes.afterCommit(() => { seen.push(notes.inTransaction, idsIn('notes')); });
    });
    expect(await Promise.all(seen)).toEqual([false, [1]]);
  });

  it('after the commit do not run without one', async () => {
    let ran = false;
    await notes.transaction(async () => {
      notes.afterCommit(() => { ran = true; });
      throw new Error('no commit');
    }).catch(() => undefined);
    expect(ran).toBe(false);
  });

  it('before the commit may send what leaves together with it', async () => {
    await notes.transaction(async () => {
      notes.beforeCommit('outbox', async () => notes.post('insert into note (id, body) values ($1, $2)', [7, 'last']));
      await insert(notes, 1);
    });
    expect(await idsIn('notes')).toEqual([1, 7]);
  });

  it('before the commit take everything with them when what they sent fails, and the transaction throws its error', async () => {
    const work = notes.transaction(async () => {
      await insert(notes, 1);
      notes.beforeCommit('outbox', async () => notes.post('insert into note (id, body) values ($1, $2)', [1, 'the same key again']));
    });
    await expect(work).rejects.toEqual(code('23505'));
    expect(await idsIn('notes')).toEqual([]);
  });

  it('are refused where there is no transaction', () => {
    expect(() => notes.post('select 1')).toThrow('belongs inside of database.transaction()');
    expect(() => notes.beforeCommit('outbox', async () => undefined)).toThrow('belongs inside of database.transaction()');
    expect(() => notes.afterCommit(() => undefined)).toThrow('belongs inside of database.transaction()');
  });
});
