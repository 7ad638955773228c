import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Database } from '@banyan/kernel/persistence';
import { type ContextUnderTest, contextUnderTest } from '@banyan/kernel/testing';
import { inventoryContract } from '../contract/index.js';
import { inventory } from '../index.js';

let ctx: ContextUnderTest;
beforeAll(async () => { ctx = await contextUnderTest(inventory); });
afterAll(() => ctx.close());

const key = () => ({ idempotencyKey: randomUUID() });

describe('the statements of a reservation', () => {
  it('need to read no table as a whole', async () => {
    const stock = ctx.host.clientOf(inventoryContract);
    const spy = jest.spyOn(ctx.database, 'query');
    const lines = [{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1 }];
    const orderId = randomUUID();
    await stock.returnStock({ returnId: randomUUID(), lines }, key());
    await stock.reserveStock({ orderId, lines }, key());
    await stock.takeStock({ orderId }, key());
    await stock.releaseStock({ orderId }, key());
    await ctx.http('GET', '/v1/stock/A', { as: { id: randomUUID(), roles: [] } });
    const ours = spy.mock.calls.filter(([sql]) => /\b(?:stock|stock_movement|reservation|reservation_line)\b/.test(sql));
    spy.mockRestore();

    expect(ours.length).toBeGreaterThan(12);
    expect(await wholeReads(ours)).toEqual([]);
  });
});

/** Statements for which no index is of use: with sequential scans discouraged, these still need one. */
async function wholeReads(statements: readonly Parameters<Database['query']>[]): Promise<string[]> {
  return ctx.database.transaction(async () => {
    await ctx.database.query('SET LOCAL enable_seqscan = off');
    const found: string[] = [];
    for (const [sql, params] of statements) {
      const plan = JSON.stringify(await ctx.database.query(`EXPLAIN ${sql}`, params));
      if (plan.includes('Seq Scan')) found.push(sql);
    }
    return found;
  });
}
