import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Clock, Ids, Random, runInput } from '../../runtime/index.js';
import { contextUnderTest } from '../../testing/index.js';
import { Experiments } from '../index.js';
import { Ledger, booked, books } from './books.js';
import { House, never } from './house.js';

let house: House;
let quick: House;
beforeAll(async () => {
  house = await House.open();
  quick = await House.open({ waitMs: 20 });
});
beforeEach(async () => {
  for (const it of [house, quick]) {
    it.candidate.mood = {};
    await it.query('TRUNCATE entry, balance');
  }
});
afterAll(() => Promise.all([house.close(), quick.close()]));

const entries = (it: House) => it.query<{ account: string; amount: number }>('SELECT account, amount FROM entry ORDER BY number');

describe('a write that is compared', () => {
  it('is the same where answer and effect are, and only the control has written and announced', async () => {
    let announced = 0;
    house.candidate.mood = { book: async ({ account, amount }) => {
      const id = new Ids().next('booking');
      await house.query('INSERT INTO entry VALUES ($1, $2, $3)', [id, account, amount]);
      house.announce('candidate');
      announced += 1;
      return id;
    } };
    expect(await house.outcomesOf(() => house.book('cash', 5))).toEqual({ same: 1 });
    expect(await entries(house)).toEqual([{ account: 'cash', amount: 5 }]);
    await house.context.settle();
    expect(announced).toBe(1);
    expect(house.context.announced(booked).map((it) => it.by)).toEqual(['control']);
  });

  it('sees what its transaction has written before', async () => {
    const outcomes = await house.outcomesOf(() => house.context.input(() => house.context.database.transaction(async () => {
      await house.ledger.book({ account: 'cash', amount: 1 });
      await house.ledger.book({ account: 'cash', amount: 2 });
    })));
    expect(outcomes).toEqual({ same: 2 });
  });

  it('is different where the candidate writes something else, and the sample pair tells what', async () => {
    house.candidate.mood = { book: async (entry) => { const id = new Ids().next('booking'); await house.query('INSERT INTO entry VALUES ($1, $2, $3)', [id, entry.account, entry.amount + 1]); return id; } };
    expect(await house.outcomesOf(() => house.book('cash', 5))).toEqual({ different: 1 });
    expect((await house.report()).mismatches.at(-1)).toMatchObject({
      method: 'book', outcome: 'different', args: [{ account: 'cash', amount: 5 }], control: { written: [5] }, candidate: { written: [6] },
      differences: [{ field: 'written[0]', control: 5, candidate: 6 }],
    });
    expect(await entries(house)).toEqual([{ account: 'cash', amount: 5 }]);
  });

  it('is the same where both refuse with the same code, and the caller gets the control\'s own error', async () => {
    let error: unknown;
    expect(await house.outcomesOf(async () => { error = await house.book('nowhere', 5).catch((it: unknown) => it); })).toEqual({ same: 1 });
    expect(error).toMatchObject({ code: 'no-such-account' });
    house.candidate.mood = { book: async () => 'booked' };
    expect(await house.outcomesOf(() => expect(house.book('nowhere', 5)).rejects.toMatchObject({ code: 'no-such-account' }))).toEqual({ different: 1 });
  });

  it.each([
    { name: 'throws', book: async () => { throw new Error('no'); } },
    { name: 'throws something that is no error', book: async () => { throw undefined as unknown; } },
    { name: 'breaks a constraint', book: () => house.query('INSERT INTO entry (id) VALUES (null)') },
    { name: 'poisons its transaction and passes that over', book: () => house.query('nonsense').catch(() => new Ids().next('booking')) },
    { name: 'ends the transaction', book: () => house.query('COMMIT') },
    { name: 'fails in a hook before the commit', book: async () => house.context.database.beforeCommit('x', async () => { throw new Error('no'); }) },
  ])('fails where the candidate $name, which does the control no harm', async ({ book }) => {
    house.candidate.mood = { book: book as never };
    expect(await house.outcomesOf(() => house.book('cash', 5))).toEqual({ failed: 1 });
    expect(await entries(house)).toEqual([{ account: 'cash', amount: 5 }]);
    house.candidate.mood = {};
    await house.book('cash', 1); // so that the breaker stays on
  });

  it('does not see what the candidate does to its arguments', async () => {
    house.candidate.mood = { book: async (entry) => Object.assign(entry, { amount: 99 }).account };
    await house.book('cash', 5);
    expect(await entries(house)).toEqual([{ account: 'cash', amount: 5 }]);
  });

  it('is skipped outside of a transaction and among works that take turns', async () => {
    expect(await house.outcomesOf(() => house.context.input(() => expect(house.ledger.book({ account: 'nowhere', amount: 1 })).rejects.toMatchObject({ code: 'no-such-account' })))).toEqual({ skipped: 1 });
    const { database } = house.context;
    expect(await house.outcomesOf(() => house.context.input(() => database.transaction(() => database.inTurns([[() => house.ledger.book({ account: 'a', amount: 1 }).then(() => undefined)]]))))).toEqual({ skipped: 1 });
    const metrics = await house.metrics();
    expect(metrics.sum('banyan_experiment_skipped_total', { context: 'books', experiment: 'ledger', method: 'book', reason: 'no-transaction' })).toBe(1);
    expect(metrics.sum('banyan_experiment_skipped_total', { reason: 'shared-transaction' })).toBe(1);
  });
});

describe('a write does not wait for its candidate beyond the limit', () => {
  it('which is asked for a lock that somebody still holds when the control has answered', async () => {
    await quick.book('stuck', 1);
    quick.candidate.mood = { book: async () => { await quick.query(`UPDATE entry SET amount = 2 WHERE account = 'stuck'`); return 'never'; } };
    await quick.whileHeld(`SELECT FROM entry WHERE account = 'stuck' FOR UPDATE`, async () => {
      expect(await quick.outcomesOf(() => quick.book('cash', 5))).toEqual({ 'timed-out': 1 });
      expect(await entries(quick)).toEqual([{ account: 'stuck', amount: 1 }, { account: 'cash', amount: 5 }]);
    });
  });

  it('which hangs, and when it goes on later it can do nothing any more', async () => {
    const { promise: later, resolve } = Promise.withResolvers<void>();
    const lateness: Promise<unknown>[] = [];
    quick.candidate.mood = { book: (entry) => {
      lateness.push(later.then(() => quick.query('INSERT INTO entry VALUES (gen_random_uuid(), $1, 99)', [entry.account])));
      return never();
    } };
    expect(await quick.outcomesOf(() => quick.book('cash', 5))).toEqual({ 'timed-out': 1 });
    resolve();
    expect(await Promise.allSettled(lateness)).toMatchObject([{ status: 'rejected' }]);
    expect(await entries(quick)).toEqual([{ account: 'cash', amount: 5 }]);
  });
});

it('the context of the guide agrees with itself', async () => {
  const context = await contextUnderTest(books);
  await context.input(() => context.database.transaction(() => context.get(Ledger).book({ account: 'cash', amount: 5 })));
  expect(await context.input(() => context.get(Ledger).balance('cash'))).toBe(5);
  await context.get(Experiments).idle();
  expect(context.get(Experiments).reports()).toMatchObject([{ name: 'ledger', isOff: false, mismatches: [], outcomes: { different: 0, failed: 0 } }]);
  await context.close();
});

describe('ids and chance', () => {
  it('are the same for the control with and without the experiment, and the candidate draws the same ones', async () => {
    const drawn: string[] = [];
    const off = await House.open({ percent: 0 });
    house.candidate.mood = { book: async ({ account, amount }) => {
      const id = new Ids().next('booking');
      drawn.push(id, new Ids().next('booking'), String(new Random().next('luck')), new Clock().now().toISOString());
      await house.query('INSERT INTO entry VALUES ($1, $2, $3)', [id, account, amount]);
      return id;
    } };
    const of = (it: House) => runInput({ inputId: 'the-same', at: new Date(5), context: 'books' }, () => it.context.database.transaction(async () => {
      const before = new Ids().next('booking');
      const first = await it.ledger.book({ account: 'cash', amount: 1 });
      const second = await it.ledger.book({ account: 'cash', amount: 2 });
      await it.ledger.balance('cash');
      return { before, first, second, after: new Ids().next('booking'), luck: new Random().next('luck') };
    }));
    const without = await of(off);
    let withIt: Awaited<ReturnType<typeof of>> | undefined;
    expect(await house.outcomesOf(async () => { withIt = await of(house); })).toEqual({ same: 2, skipped: 1 });
    await off.close();
    expect(withIt).toEqual(without);
    expect(drawn.slice(0, 4)).toEqual([without.first, without.second, String(without.luck), new Date(5).toISOString()]);
    expect(drawn[4]).toBe(without.second);
  });
});
