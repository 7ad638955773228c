import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@banyan/kernel/testing';
import { FakeStripe, type Fate } from './fake-stripe.js';
import { type PaymentsUnderTest, bookedFor, imbalances, key, ledgers, paymentsUnderTest, pounds, someOrder, untilAnswered } from './payments-under-test.js';

describe.each(ledgers)('with a ledger of %s:', (ledger) => {
  const seed = process.env['SEED'] ?? randomUUID();

  let stripe: FakeStripe;
  let bench: PaymentsUnderTest;
  beforeAll(async () => {
    stripe = await FakeStripe.start();
    bench = await paymentsUnderTest({ ledger, settings: { processor: 'stripe', stripe: stripe.settings, processorTimeoutMs: 200 } });
  });
  afterAll(async () => {
    await bench.ctx.close();
    await stripe.stop();
  });

  describe('a card at Stripe', () => {
    it(`is charged once while every third answer is lost (seed ${seed})`, async () => {
      let drawn = 0;
      const fates: readonly Fate[] = ['sent', 'sent', 'sent', 'sent', 'dropped', 'never', 'broken'];
      stripe.fate = () => fates[createHash('sha256').update(`${seed}/${drawn++}`).digest().readUInt32BE(0) % fates.length] ?? 'sent';

      const orders = Array.from({ length: 24 }, (_, i) => ({ ...someOrder(1_000 + i, 'pm_card'), isCancelled: i % 3 === 0 }));
      const placed = await Promise.all(orders.map(async ({ isCancelled, ...order }) => {
        const same = { authorize: key(), capture: key(), cancel: key() };
        const { paymentId } = await untilAnswered(() => bench.pay.authorizePayment(order, same.authorize));
        await untilAnswered(() => bench.pay.capturePayment({ orderId: order.orderId }, same.capture));
        if (isCancelled) await untilAnswered(() => bench.pay.cancelPayment({ orderId: order.orderId }, same.cancel));
        return { paymentId, amount: order.amount.amount, isCancelled };
      }));
      stripe.fate = () => 'sent';
      await bench.ctx.settle();

      expect(stripe.requests).toBeGreaterThan(24 * 2 + 8);
      for (const { paymentId, amount, isCancelled } of placed) {
        expect(stripe.charges.get(paymentId)).toBe(1);
        // A refund whose answer was lost may rest until its next attempt; nobody who settles waits for that.
        await eventually(async () => { expect(await bookedFor(bench, paymentId)).toBe(isCancelled ? 0 : amount); });
      }
      const refunded = [...stripe.intents.values()].filter((it) => it.refunded > 0);
      expect(refunded.every((it) => it.refunded === it.amount && it.status === 'succeeded')).toBe(true);
      expect(refunded).toHaveLength(8);
      expect(await imbalances(bench)).toEqual([]);
    });

    it('is declined in the bank\'s words', async () => {
      const order = someOrder(100, 'pm_declined');
      expect(await bench.pay.authorizePayment(order, key())).toMatchObject({ is: 'declined', code: 'insufficient-funds', message: 'Your card has insufficient funds.' });
      expect(await bench.pay.cancelPayment({ orderId: order.orderId }, key())).toEqual({ refunded: pounds(0) });
    });
  });
});
