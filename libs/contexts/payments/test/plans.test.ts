import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Database } from '@banyan/kernel/persistence';
import { type PaymentsUnderTest, key, paymentsUnderTest, someOrder, staff } from './payments-under-test.js';

let bench: PaymentsUnderTest;
beforeAll(async () => { bench = await paymentsUnderTest(); });
afterAll(() => bench.ctx.close());

describe('the statements of a payment', () => {
  it('need to read no table as a whole', async () => {
    const { database } = bench.ctx;
    const spy = jest.spyOn(database, 'query');
    const order = someOrder();
    const { paymentId } = await bench.pay.authorizePayment(order, key());
    await bench.pay.capturePayment({ orderId: order.orderId }, key());
    await bench.pay.cancelPayment({ orderId: order.orderId }, key());
    for (const path of ['', `?orderId=${order.orderId}`, `/${paymentId}`, `/${paymentId}/ledger`]) await bench.ctx.http('GET', `/v1/payments${path}`, { as: staff });
    await bench.ctx.http('GET', '/v1/payments', { as: { id: order.customerId, roles: ['customer'] } });
    const ours = spy.mock.calls.filter(([sql]) => /\b(?:payment|refund|payment_event|ledger_entry)\b/.test(sql));
    spy.mockRestore();

    expect(ours.length).toBeGreaterThan(15);
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
