import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Ids, runInput } from '../../runtime/index.js';
import { Chance, newSeed } from '../../testing/index.js';
import { booked } from './books.js';
import { House, never } from './house.js';

const CALLS = 1_000;
const seed = newSeed();

let plain: House;
let house: House;
beforeAll(async () => { [plain, house] = [await House.open({ percent: 0 }), await House.open({ waitMs: 10, timeoutMs: 30, atOnce: 4 })]; });
afterAll(() => Promise.all([plain.close(), house.close()]));

/** What a caller sees of one input: each books, reads, and some are refused. */
async function call(it: House, n: number): Promise<string> {
  const account = n % 10 === 0 ? 'nowhere' : `account ${n % 7}`;
  return runInput({ inputId: `input ${n}`, at: new Date(n * 1_000), context: 'books' }, async () => {
    try {
      const id = await it.bookHere(account, n);
      return `${id} ${await it.ledger.balance(account)} ${new Ids().next('booking')}`;
    } catch (error) {
      return `${String(error)} ${new Ids().next('booking')}`;
    }
  });
}

const rows = (it: House) => it.query('SELECT id, account, amount FROM entry ORDER BY id');

it(`answers, errors, rows, events and ids of ${CALLS} calls are those of the control, whatever the candidate does (seed ${seed})`, async () => {
  const chance = new Chance(seed);
  const moods = [
    async (): Promise<never> => { throw new Error('no'); },
    never,
    async (): Promise<never> => house.query('SELECT pg_sleep(0.02)') as never,
    async (): Promise<never> => house.query('nonsense') as never,
    async (): Promise<never> => house.query('nonsense').catch(() => 'fine') as never,
    async (): Promise<never> => house.query(`DELETE FROM entry`) as never,
    async (): Promise<never> => house.query(`INSERT INTO balance VALUES ('candidate', 1)`) as never,
    async (): Promise<never> => { house.announce('candidate'); return 'announced' as never; },
  ];
  for (let n = 0; n < CALLS; n += 1) {
    const mood = n % 2 === 0 ? moods[chance.below(moods.length)] : undefined; // every other call goes well, or the breaker would end the test
    house.candidate.mood = mood ? { book: mood, balance: mood } : {};
    expect(await call(house, n)).toBe(await call(plain, n));
  }
  await Promise.all([plain.context.settle(), house.context.settle()]);
  expect(await rows(house)).toEqual(await rows(plain));
  expect(await house.query('SELECT * FROM balance ORDER BY account')).toEqual(await plain.query('SELECT * FROM balance ORDER BY account'));
  expect(new Set(house.context.announced(booked).map((it) => it.by))).toEqual(new Set(['control']));
  expect(house.context.announced(booked)).toHaveLength(CALLS * 0.9);
  const { outcomes } = await house.report();
  // How many depends on how busy the machine is: they have 10 ms, and a budget.
  expect(outcomes.same).toBeGreaterThan(0);
  expect(outcomes.failed + outcomes['timed-out'] + outcomes.different).toBeGreaterThan(0);
  expect(Object.values(outcomes).reduce((sum, it) => sum + it, 0)).toBe(CALLS * 2 - CALLS / 10);
}, 120_000);
