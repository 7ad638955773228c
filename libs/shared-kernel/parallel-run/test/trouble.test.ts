import { afterEach, describe, expect, it } from '@jest/globals';
import { type ShadowUnderTest, eventually } from '../../testing/index.js';
import { bothSides } from './same-rows.js';
import { Cashier, Counter, Customers, DayBook, Drawer, Sales, Stock } from './till-parts.fixture.js';
import { dayAtTheTill } from './till-traffic.fixture.js';
import { key, tillUnderTest } from './till-under-test.js';
import type { Planted } from './till.fixture.js';
import { tillContract } from './till-words.fixture.js';

let both: ShadowUnderTest;
afterEach(() => both.close());

const broken = (): never => { throw new TypeError('Cannot read properties of undefined'); };

/** Throws on every input, at once or in the middle. */
const broke: Planted = { instead: [
  [Counter, class extends Counter { override ring = broken; override note = broken; override strike = broken; }], [Cashier, class extends Cashier { override finish = broken; }],
  [Drawer, class extends Drawer { override count = broken; override takeOut = broken; }], [Stock, class extends Stock { override arrived = broken; override lost = broken; }],
  [Customers, class extends Customers { override join = broken; override withEmail = broken; }], [DayBook, class extends DayBook { override addUp = broken; override writeDown = broken; }],
  [Sales, class extends Sales { override find = broken; override list = broken; override takings = broken; }],
] };

describe('a shadow in trouble', () => {
  it('throws on every input: the original goes on, each way of failing is one finding, and the copy has the original\'s rows', async () => {
    both = await tillUnderTest(broke);
    await both.begin();
    await dayAtTheTill(both.context, 1);
    const { findings, coverage } = await both.report();
    // What begins a saga does nothing by itself that could break.
    const endpoints = new Set(Object.keys(coverage).map((it) => it.slice(0, it.lastIndexOf(' '))));
    expect([...new Set(findings.map((it) => it.endpoint))].toSorted()).toEqual([...endpoints].filter((it) => it !== 'till.close-day').toSorted());
    expect(findings.find((it) => it.endpoint === 'POST /v1/sales' && it.field === 'rows/sale')).toMatchObject({ kind: 'missing', count: 8 });
    expect(coverage).toMatchObject({ 'POST /v1/sales 201': [9, 0], 'till.put-in done': [expect.any(Number), 0] });
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
  });

  it('holds a lock and hangs: it loses its session, and what comes next is played', async () => {
    class Hanging extends Sales {
      override async update(sale: Parameters<Sales['update']>[0]): Promise<void> {
        await super.update(sale);
        return new Promise(() => undefined);
      }
    }
    both = await tillUnderTest({ instead: [[Sales, Hanging]] }, 300);
    await both.begin();
    const till = both.context.host.clientOf(tillContract);
    const { saleId } = await till.ring({ sku: 'apple', quantity: 1, price: 100 }, key());
    for (const note of ['one', 'two']) await till.note({ saleId, note }, key());
    await till.takeOut({ pence: 1 }, key());
    const { findings, coverage } = await both.report();
    expect(findings).toMatchObject([{ endpoint: 'till.note', kind: 'missing', field: 'response', count: 2 }]);
    expect(coverage).toMatchObject({ 'till.take-out done': [1, 1] });
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
  });

  it('has no room on its disk for a while: nothing of that is a finding, and it catches up', async () => {
    both = await tillUnderTest();
    await both.begin();
    const till = both.context.host.clientOf(tillContract);
    const copy = new URL(both.context.storage.url);
    copy.pathname = new URL(both.copyUrl).pathname;
    await onCopy(copy.href, `CREATE FUNCTION till.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER full_disk BEFORE INSERT ON till.sale EXECUTE FUNCTION till.full(); CREATE TRIGGER full_played BEFORE INSERT ON till.played EXECUTE FUNCTION till.full()`);
    for (let i = 0; i < 5; i += 1) await till.ring({ sku: 'apple', quantity: 1, price: 100 + i }, key());
    await expect(both.report()).rejects.toThrow(/cannot be reached/);
    await onCopy(copy.href, 'DROP FUNCTION till.full() CASCADE');
    await both.interrupt();
    await both.resume();
    await till.ring({ sku: 'pear', quantity: 1, price: 200 }, key());
    const { findings, run } = await both.report();
    expect(findings).toEqual([]);
    expect(run).toMatchObject({ state: 'playing' });
    const sides = await bothSides(both);
    expect(sides.copy).toEqual(sides.original);
  });

  it('is interrupted in the middle of traffic, again and again: nothing is found, and what was not compared is counted', async () => {
    both = await tillUnderTest();
    await both.begin();
    const till = both.context.host.clientOf(tillContract);
    const stop = new AbortController();
    const traffic = Promise.all(Array.from({ length: 4 }, async () => {
      while (!stop.signal.aborted) {
        const { saleId } = await till.ring({ sku: 'apple', quantity: 1, price: 100 }, key());
        await Promise.all([till.pay({ saleId }, key()), till.putIn({ pence: 1 }, key())]);
      }
    }));
    for (let i = 0; i < 3; i += 1) {
      await eventually(async () => { expect((await both.context.storage.query('SELECT 1 FROM till.tape')).length).toBeGreaterThan(40 * (i + 1)); }, 20_000);
      await both.interrupt();
      await both.resume();
    }
    stop.abort();
    await traffic;
    const { findings, coverage, run } = await both.report();
    expect(findings).toEqual([]);
    const [entries] = await both.context.storage.query<{ inputs: number }>(`SELECT count(*)::int AS inputs FROM till.tape WHERE kind = 'transaction' AND (entry->>'part')::int = 0`);
    const compared = Object.values(coverage).reduce((sum, [it]) => sum + it, 0);
    expect(compared).toBeGreaterThan(0);
    expect(compared + run.applied + run.skipped + run.unanswered).toBeGreaterThanOrEqual(entries?.inputs ?? 0);
    const sides = await bothSides(both);
    expect(sides.copy).toEqual(sides.original);
  });
});

async function onCopy(url: string, sql: string): Promise<void> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
