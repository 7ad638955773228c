import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Database } from '@banyan/kernel/persistence';
import { orderingContract } from '@banyan/ordering/contract';
import { ShippingUnderTest, staff } from './shipping-under-test.js';

let bench: ShippingUnderTest;
beforeAll(async () => { bench = await ShippingUnderTest.open(); });
afterAll(() => bench.ctx.close());

describe('the statements of a shipment', () => {
  it('need to read no table as a whole', async () => {
    const spy = jest.spyOn(bench.ctx.database, 'query');
    const { id, orderId, customerId } = await bench.pending();
    await bench.dispatch(id);
    await bench.deliver(id);
    await bench.ctx.announce(orderingContract.events.orderCancellationRequested({ orderId }));
    await bench.ctx.settle();
    for (const path of ['', '?status=pending', '?recall=true', `/${id}`]) await bench.ctx.http('GET', `/v1/shipments${path}`, { as: staff });
    await bench.ctx.http('GET', '/v1/shipments', { as: { id: customerId, roles: ['customer'] } });
    const ours = spy.mock.calls.filter(([sql]) => /\bshipment\b/.test(sql));
    spy.mockRestore();

    expect(ours.length).toBeGreaterThan(10);
    expect(await wholeReads(ours)).toEqual([]);
  });
});

/** Statements for which no index is of use: with sequential scans discouraged, these still need one. */
async function wholeReads(statements: readonly Parameters<Database['query']>[]): Promise<string[]> {
  const { database } = bench.ctx;
  return database.transaction(async () => {
    await database.query('SET LOCAL enable_seqscan = off');
    const found: string[] = [];
    for (const [sql, params] of statements) {
      const plan = JSON.stringify(await database.query(`EXPLAIN ${sql}`, params));
      if (plan.includes('Seq Scan')) found.push(sql);
    }
    return found;
  });
}
