import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runInput } from '../../runtime/index.js';
import { House, never } from './house.js';

let house: House;
beforeAll(async () => { house = await House.open({ atOnce: 2 }); });
beforeEach(async () => {
  house.candidate.mood = {};
  await house.query('TRUNCATE entry, balance');
  await house.book('cash', 5);
});
afterAll(() => house.close());

describe('a read that is compared', () => {
  it('is the same where the answers are', async () => {
    expect(await house.outcomesOf(async () => { expect(await house.balance('cash')).toBe(5); })).toEqual({ same: 1 });
  });

  it('is different where they are not, with a sample pair', async () => {
    house.candidate.mood = { balance: async () => 6 };
    expect(await house.outcomesOf(async () => { expect(await house.balance('cash')).toBe(5); })).toEqual({ different: 1 });
    expect((await house.report()).mismatches.at(-1)).toMatchObject({ method: 'balance', args: ['cash'], control: { answer: 5 }, candidate: { answer: 6 }, differences: [{ field: 'answer', control: 5, candidate: 6 }] });
  });

  it('is answered while its candidate still waits for a lock', async () => {
    await house.whileHeld('LOCK TABLE entry IN ACCESS EXCLUSIVE MODE', async () => {
      expect(await house.balance('cash')).toBe(5);
      await house.someoneWaits();
      expect(house.now().underWay).toBe(1);
    });
    expect(await house.report()).toMatchObject({ underWay: 0 });
  });

  it('is no difference where somebody wrote between the control and the candidate', async () => {
    let asked = 0;
    house.candidate.mood = { balance: async () => {
      asked += 1;
      const [row] = await house.query<{ amount: number }>('SELECT sum(amount)::bigint AS amount FROM entry');
      return row?.amount ?? 0;
    } };
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    const outcomes = house.outcomesOf(async () => {
      await house.context.input(async () => {
        expect(await house.ledger.balance('cash')).toBe(5);
        await house.query(`UPDATE balance SET amount = 7`);
        await house.query(`UPDATE entry SET amount = 7`);
        resolve();
      });
      await answered;
    });
    expect(Object.keys(await outcomes)).toEqual(['same']);
    expect(asked).toBe(1);
  });

  it('cannot write, and nothing of what it hangs on a commit happens', async () => {
    const ran: string[] = [];
    house.candidate.mood = { balance: async () => { house.context.database.afterCommit(() => ran.push('after')); await house.query('DELETE FROM entry'); return 5; } };
    expect(await house.outcomesOf(() => house.balance('cash'))).toEqual({ failed: 1 });
    house.candidate.mood = { balance: async () => { house.context.database.afterCommit(() => ran.push('after')); return 5; } };
    expect(await house.outcomesOf(() => house.balance('cash'))).toEqual({ same: 1 });
    expect(ran).toEqual([]);
    expect(await house.query('SELECT FROM entry')).toHaveLength(1);
  });

  it('is skipped in an open transaction, and beyond so many at once', async () => {
    expect(await house.outcomesOf(() => house.context.input(() => house.context.database.transaction(() => house.ledger.balance('cash'))))).toEqual({ skipped: 1 });
    const { promise: gate, resolve } = Promise.withResolvers<number>();
    house.candidate.mood = { balance: () => gate };
    expect(await house.outcomesOf(async () => {
      for (let n = 0; n < 7; n += 1) expect(await house.balance('cash')).toBe(5);
      resolve(5);
    })).toEqual({ same: 2, skipped: 5 });
  });

  it('is skipped while a witness writes down what the context does', async () => {
    house.context.database.witness = {
      isWatching: true, isInside: false, begin: () => undefined, ask: (_question, ask) => ask(), beforeTransaction: () => undefined,
      transactionBegan: () => undefined, looked: () => undefined, announced: () => undefined, stop: async () => undefined,
    };
    expect(await house.outcomesOf(() => house.balance('cash'))).toEqual({ skipped: 1 });
    house.context.database.witness = undefined;
  });

  it('is skipped outside of any input, and answered nevertheless', async () => {
    expect(await house.outcomesOf(async () => { expect(await house.ledger.balance('cash')).toBe(5); })).toEqual({ skipped: 1 });
  });
});

describe('an experiment', () => {
  it('leaves a candidate alone that times out again and again, and says so', async () => {
    const short = await House.open({ timeoutMs: 20, writes: {} });
    short.candidate.mood = { balance: never };
    const outcomes = await short.outcomesOf(async () => {
      for (let n = 0; n < 8; n += 1) {
        expect(await short.balance('cash')).toBe(0);
        await short.report();
      }
    });
    expect(outcomes).toEqual({ 'timed-out': 5, skipped: 3 });
    expect((await short.report()).isOff).toBe(true);
    expect((await short.metrics()).sum('banyan_experiment_off', { experiment: 'ledger' })).toBe(1);
    await short.close();
  });

  it('compares so many of a hundred inputs, always the same ones', async () => {
    const some = await House.open({ percent: 30, writes: {} });
    const chosen = async () => (await some.outcomesOf(async () => {
      for (let n = 0; n < 400; n += 1) {
        await runInput({ inputId: `input ${n}`, context: 'books' }, () => some.ledger.balance('cash'));
        await some.report();
      }
    }));
    const first = await chosen();
    expect(first.same).toBeGreaterThan(80);
    expect(first.same).toBeLessThan(160);
    expect(await chosen()).toEqual(first);
    await some.close();
  });

  it('stops comparing when its budget is used up, and counts that', async () => {
    const poor = await House.open({ budget: 0, waitMs: 1, writes: {} });
    poor.candidate.mood = { balance: async () => { await poor.query('SELECT pg_sleep(0.01)'); return 0; } };
    const outcomes = await poor.outcomesOf(async () => {
      for (let n = 0; n < 10; n += 1) {
        await poor.balance('cash');
        await poor.report();
      }
    });
    expect(outcomes).toEqual({ same: 1, skipped: 9 });
    expect((await poor.metrics()).sum('banyan_experiment_skipped_total', { reason: 'budget' })).toBe(9);
    await poor.close();
  });

  it('ignores what it is told to, cleans what it is told to, and survives its own functions', async () => {
    const lenient = await House.open({ writes: {}, ignore: ({ control, candidate }) => Math.abs(Number(control) - Number(candidate)) < 0.5, clean: (value) => (value === 13 ? (() => { throw new Error('bad luck'); })() : value) });
    lenient.candidate.mood = { balance: async () => 0.25 };
    expect(await lenient.outcomesOf(() => lenient.balance('cash'))).toEqual({ same: 1 });
    lenient.candidate.mood = { balance: async () => 13 };
    expect(await lenient.outcomesOf(async () => { expect(await lenient.balance('cash')).toBe(0); })).toEqual({ skipped: 1 });
    await lenient.close();
  });

  it('keeps the latest twenty mismatches', async () => {
    let n = 0;
    for (; n < 25; n += 1) {
      house.candidate.mood = { balance: async () => 1_000 + n };
      await house.balance('cash');
      await house.report();
    }
    const { mismatches } = await house.report();
    expect(mismatches).toHaveLength(20);
    expect(mismatches.at(-1)).toMatchObject({ candidate: { answer: 1_024 } });
  });
});
