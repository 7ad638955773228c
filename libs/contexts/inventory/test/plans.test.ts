import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type ContextUnderTest, contextUnderTest, wholeReads } from '@banyan/kernel/testing';
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
    expect(await wholeReads(ctx.database, ours)).toEqual([]);
  });
});
