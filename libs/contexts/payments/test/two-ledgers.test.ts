import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Chance, newSeed } from '@banyan/kernel/testing';
import { type PaymentsUnderTest, paymentsUnderTest, staff, writtenFacts } from './payments-under-test.js';
import { Story } from './story.js';

const seed = newSeed();
const STORIES = 120;
/** A few of them are long enough for snapshots. */
const LONG = 80;

let tables: PaymentsUnderTest;
let events: PaymentsUnderTest;
let paymentIds: string[] = [];
let idsOfEvents: string[] = [];

async function play(bench: PaymentsUnderTest): Promise<string[]> {
  const played: string[] = [];
  for (let n = 0; n < STORIES; n += 1) {
    const story = new Story(bench, seed, n);
    if (n % 6 === 5) {
      await story.credit();
      continue;
    }
    const isLong = n % 40 === 0;
    const id = await story.begin(isLong);
    const steps = isLong ? LONG : new Chance(`${seed}/length/${n}`).below(9);
    for (let i = 0; i < steps; i += 1) await story.goOn(id);
    played.push(id);
  }
  return played;
}

beforeAll(async () => {
  [tables, events] = await Promise.all([paymentsUnderTest({ ledger: 'tables' }), paymentsUnderTest({ ledger: 'events' })]);
  paymentIds = await play(tables);
  idsOfEvents = await play(events);
});
afterAll(() => Promise.all([tables.ctx.close(), events.ctx.close()]));

/** Asks both, and gives the answer of the tables back. */
async function both(path: string) {
  const [first, second] = await Promise.all([tables, events].map((it) => it.ctx.http('GET', path, { as: staff })));
  expect(second?.body).toEqual(first?.body);
  expect(second?.status).toBe(200);
  return first?.body;
}

describe(`two ledgers that are told the same ${STORIES} stories (SEED=${seed})`, () => {
  it('tell of the same payments', () => {
    expect(idsOfEvents).toEqual(paymentIds);
    expect(paymentIds.length).toBe(STORIES / 6 * 5);
  });

  it('write the same facts, to the last id and instant', async () => {
    const [first, second] = (await Promise.all([writtenFacts(tables), writtenFacts(events)])).map((it) => it.map((row) => JSON.stringify(row, sorted)).toSorted());
    expect(second).toEqual(first);
    expect(first?.length).toBeGreaterThan(STORIES);
  });

  it('do so each in tables of its own', async () => {
    const used = ({ ctx: { database } }: PaymentsUnderTest) => Promise.all(['payment_event', 'ledger_entry', 'stream_event', 'stream_snapshot'].map(async (table) =>
      (await database.query(`SELECT FROM ${table} LIMIT 1`)).length));
    expect([await used(tables), await used(events)]).toEqual([[1, 1, 0, 0], [0, 0, 1, 1]]);
  });

  it('show the same history, page by page of every size', async () => {
    const walked = new Set<string>();
    for (const id of paymentIds) {
      const { data: all } = await both(`/v1/payments/${id}/ledger?limit=100`);
      // Where the same things happened in the same order, pages are cut, and balances folded, the same way.
      const course = all.map((it: { event: string }) => it.event).join();
      if (walked.has(course)) continue;
      walked.add(course);
      const sizes = all.length > 12 ? [7, 20] : Array.from({ length: all.length }, (_, i) => i + 1);
      for (const limit of sizes) {
        const seen: unknown[] = [];
        for (let cursor: string | null = ''; cursor !== null;) {
          const body: { data: unknown[]; nextCursor: string | null } = await both(`/v1/payments/${id}/ledger?limit=${limit}${cursor && `&cursor=${cursor}`}`);
          seen.push(...body.data);
          cursor = body.nextCursor;
        }
        expect(seen).toEqual(all);
      }
    }
  });

  it('show the same at each of its instants, and just before', async () => {
    for (const id of paymentIds) {
      const { data: all } = await both(`/v1/payments/${id}/ledger?limit=100`);
      for (const at of new Set<string>(all.map((it: { at: string }) => it.at))) {
        const then = await both(`/v1/payments/${id}/ledger?limit=100&asOf=${at}`);
        expect(then.data).toEqual(all.filter((it: { at: string }) => it.at <= at));
        await both(`/v1/payments/${id}/ledger?limit=3&asOf=${new Date(Date.parse(at) - 1).toISOString()}`);
      }
    }
  });

  it('sum up to the same', async () => {
    const { accounts, balance } = await both('/v1/payments/trial-balance');
    expect(balance).toBe(0);
    expect(accounts.every((it: { debit: number; credit: number }) => it.debit + it.credit > 0)).toBe(true);
  });
});

/** Prints objects with their keys in order. */
function sorted(_key: string, value: unknown): unknown {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b))) : value;
}
