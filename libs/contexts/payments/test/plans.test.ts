import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { wholeReads } from '@banyan/kernel/testing';
import { type PaymentsUnderTest, key, ledgers, paymentsUnderTest, someOrder, staff } from './payments-under-test.js';

describe.each(ledgers)('with a ledger of %s:', (ledger) => {
  let bench: PaymentsUnderTest;
  beforeAll(async () => { bench = await paymentsUnderTest({ ledger }); });
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
      const ours = spy.mock.calls.filter(([sql]) => /\b(?:payment|refund|payment_event|ledger_entry|stream_event)\b/.test(sql));
      spy.mockRestore();

      expect(ours.length).toBeGreaterThan(15);
      expect(await wholeReads(database, ours)).toEqual([]);
    });
  });
});
