import { afterEach, describe, expect, it } from '@jest/globals';
import { defineComparison, ignored } from '../../comparison/index.js';
import { type ShadowUnderTest, eventually } from '../../testing/index.js';
import { bothSides } from './same-rows.js';
import { dayAtTheTill } from './till-traffic.fixture.js';
import { key, tillUnderTest } from './till-under-test.js';
import { tillContract } from './till-words.fixture.js';

let both: ShadowUnderTest;
afterEach(() => both.close());

describe('the beginning of a shadow', () => {
  it('is exact while others write: what the copy does not have is on the tape, and nothing is on both', async () => {
    both = await tillUnderTest();
    const till = both.context.host.clientOf(tillContract);
    const stop = new AbortController();
    let written = 0;
    const writers = Promise.all(Array.from({ length: 6 }, async (_, writer) => {
      while (!stop.signal.aborted) {
        const { saleId } = await till.ring({ sku: `of ${writer}`, quantity: 1, price: 100 }, key());
        await till.putIn({ pence: 1 }, key());
        if (writer % 2 === 0) await till.pay({ saleId }, key());
        else await till.strike({ saleId }, key());
        written += 1;
      }
    }));
    await eventually(() => { expect(written).toBeGreaterThan(20); });
    await both.begin();
    const since = written;
    await eventually(() => { expect(written).toBeGreaterThan(since + 20); });
    stop.abort();
    await writers;
    const { findings, coverage } = await both.report();
    expect(findings).toEqual([]);
    for (const [compared, equal] of Object.values(coverage)) expect(equal).toBe(compared);
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
  });

  it('runs migrations that the original does not have yet, on the rows that are there, and compares what both have', async () => {
    const comparison = defineComparison({ fields: { 'rows/sale/channel': ignored('The original does not have it yet.') } });
    both = await tillUnderTest({ instead: [], comparison, migrations: [{ name: '0002-channel', sql: `ALTER TABLE sale ADD COLUMN channel text NOT NULL DEFAULT 'shop'; UPDATE sale SET channel = 'before'; CREATE TABLE channel (name text PRIMARY KEY)` }] });
    const till = both.context.host.clientOf(tillContract);
    const { saleId } = await till.ring({ sku: 'before', quantity: 1, price: 100 }, key());
    await both.begin();
    await till.note({ saleId, note: 'still there' }, key());
    await dayAtTheTill(both.context, 3);
    expect((await both.report()).findings).toEqual([]);
    const { original, copy } = await bothSides(both);
    const { channel, ...known } = copy;
    expect(channel).toEqual([]);
    expect(new Set(known['sale']?.map((it) => (JSON.parse(it) as { channel: string }).channel))).toEqual(new Set(['before', 'shop']));
    const without = known['sale']?.map((it) => { const { channel: _, ...row } = JSON.parse(it) as Record<string, unknown>; return JSON.stringify(row); }).toSorted();
    expect({ ...known, sale: without }).toEqual(original);
  });
});
