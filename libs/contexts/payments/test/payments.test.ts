import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ON_ACCOUNT, PaymentClosed, PaymentNotAuthorized, ProcessorAway, ProcessorTimeout, paymentsContract } from '../contract/index.js';
import { type PaymentsUnderTest, bookedFor, key, ledgers, paymentsUnderTest, pounds, someOrder, staff } from './payments-under-test.js';

describe.each(ledgers)('with a ledger of %s:', (ledger) => {
  const { paymentAuthorized, paymentCaptured, paymentDeclined, paymentRefunded, paymentVoided } = paymentsContract.events;

  let bench: PaymentsUnderTest;
  beforeAll(async () => { bench = await paymentsUnderTest({ ledger }); });
  afterAll(() => bench.ctx.close());

  const show = async (id: string) => (await bench.ctx.http('GET', `/v1/payments/${id}`, { as: staff })).body;
  const ofOrder = async (orderId: string) => (await bench.ctx.http('GET', `/v1/payments?orderId=${orderId}`, { as: staff })).body.data;
  const refund = (id: string, amount: number) => bench.ctx.http('POST', `/v1/payments/${id}/refunds`, { as: staff, body: { amount: pounds(amount) } });

  async function captured(amount = 2_500, method = 'test-card') {
    const order = someOrder(amount, method);
    const { paymentId } = await bench.pay.authorizePayment(order, key());
    await bench.pay.capturePayment({ orderId: order.orderId }, key());
    return { ...order, paymentId };
  }

  describe('an order\'s payment', () => {
    it.each([['test-card'], [ON_ACCOUNT]])('is authorised, captured and refunded by %s, and announces each of these', async (method) => {
      const order = someOrder(2_500, method);
      const asked = await bench.pay.authorizePayment(order, key());
      expect(asked).toEqual({ is: 'authorized', paymentId: expect.any(String) });
      expect(await show(asked.paymentId)).toEqual({
        id: asked.paymentId, orderId: order.orderId, status: 'authorized', authorized: pounds(2_500), captured: pounds(0), refunded: pounds(0),
      });
      expect(await bench.pay.capturePayment({ orderId: order.orderId }, key())).toEqual({ is: 'captured', paymentId: asked.paymentId });
      expect(await bench.pay.cancelPayment({ orderId: order.orderId }, key())).toEqual({ refunded: pounds(2_500) });
      expect(await show(asked.paymentId)).toMatchObject({ status: 'refunded', captured: pounds(2_500), refunded: pounds(2_500) });
      expect(await bookedFor(bench, asked.paymentId)).toBe(0);

      await bench.ctx.settle();
      const about = { paymentId: asked.paymentId, orderId: order.orderId };
      expect(bench.ctx.announced(paymentAuthorized)).toContainEqual({ ...about, amount: pounds(2_500), method });
      expect(bench.ctx.announced(paymentCaptured)).toContainEqual({ ...about, amount: pounds(2_500) });
      expect(bench.ctx.announced(paymentRefunded)).toContainEqual({ ...about, amount: pounds(2_500), refundedAt: expect.any(String) });
    });

    it.each([
      ['test-card-declined', 'card-declined'],
      ['test-card-insufficient-funds', 'insufficient-funds'],
      ['a card nobody knows', 'unknown-card'],
    ])('is declined for %s, with the same answer when asked again', async (method, code) => {
      const order = someOrder(100, method);
      const first = await bench.pay.authorizePayment(order, key());
      expect(first).toMatchObject({ is: 'declined', code });
      expect(await bench.pay.authorizePayment(order, key())).toEqual(first);
      expect(await show(first.paymentId)).toMatchObject({ status: 'declined', authorized: pounds(0) });
      await expect(bench.pay.capturePayment({ orderId: order.orderId }, key())).rejects.toThrow(PaymentNotAuthorized);
      expect(await bench.pay.cancelPayment({ orderId: order.orderId }, key())).toEqual({ refunded: pounds(0) });
      await bench.ctx.settle();
      expect(bench.ctx.announced(paymentDeclined)).toContainEqual(expect.objectContaining({ orderId: order.orderId, code }));
    });

    it('is one, whatever keys its commands come with', async () => {
      const { paymentId, ...order } = await captured();
      expect(await bench.pay.authorizePayment(order, key())).toEqual({ is: 'authorized', paymentId });
      expect(await bench.pay.capturePayment({ orderId: order.orderId }, key())).toEqual({ is: 'captured', paymentId });
      expect(await bookedFor(bench, paymentId)).toBe(2_500);
      expect(await ofOrder(order.orderId)).toHaveLength(1);
    });

    it('costs nothing when there is nothing to pay', async () => {
      const { paymentId, orderId } = await captured(0, 'a card nobody asks');
      expect(await show(paymentId)).toMatchObject({ status: 'captured', captured: pounds(0) });
      expect(await bench.pay.cancelPayment({ orderId }, key())).toEqual({ refunded: pounds(0) });
    });

    it('is voided when it is cancelled before the money was taken, and stays so', async () => {
      const order = someOrder();
      const { paymentId } = await bench.pay.authorizePayment(order, key());
      expect(await bench.pay.cancelPayment({ orderId: order.orderId }, key())).toEqual({ refunded: pounds(0) });
      expect(await bench.pay.capturePayment({ orderId: order.orderId }, key())).toEqual({ is: 'cancelled', paymentId });
      await expect(bench.pay.authorizePayment(order, key())).rejects.toThrow(PaymentClosed);
      expect(await show(paymentId)).toMatchObject({ status: 'voided', authorized: pounds(0), captured: pounds(0) });
      await bench.ctx.settle();
      expect(bench.ctx.announced(paymentVoided)).toContainEqual({ paymentId, orderId: order.orderId });
    });

    it('is refused when the order was cancelled before it asked', async () => {
      const order = someOrder();
      for (let i = 0; i < 2; i += 1) expect(await bench.pay.cancelPayment({ orderId: order.orderId }, key())).toEqual({ refunded: pounds(0) });
      await expect(bench.pay.authorizePayment(order, key())).rejects.toThrow(PaymentClosed);
      expect(await ofOrder(order.orderId)).toMatchObject([{ status: 'closed', authorized: pounds(0) }]);
    });

    it('is asked for again when the first answer of the card was lost', async () => {
      const order = someOrder(300, 'test-card-timeout');
      const same = key();
      await expect(bench.pay.authorizePayment(order, same)).rejects.toThrow(ProcessorTimeout);
      expect(await ofOrder(order.orderId)).toMatchObject([{ status: 'authorizing' }]);
      expect(await bench.pay.authorizePayment(order, same)).toMatchObject({ is: 'authorized' });
    });

    it('is captured by the second attempt when the first one failed', async () => {
      const order = someOrder(300, 'test-card-capture-fails-once');
      await bench.pay.authorizePayment(order, key());
      await expect(bench.pay.capturePayment({ orderId: order.orderId }, key())).rejects.toThrow(ProcessorAway);
      expect(await ofOrder(order.orderId)).toMatchObject([{ status: 'capturing' }]);
      expect(await bench.pay.capturePayment({ orderId: order.orderId }, key())).toMatchObject({ is: 'captured' });
    });
  });

  describe('GET /v1/payments', () => {
    it('shows customers what is theirs, and hides what is not', async () => {
      const { paymentId, customerId, orderId } = await captured();
      const owner = { id: customerId, roles: ['customer'] };
      const stranger = { id: randomUUID(), roles: ['customer'] };
      const get = (path: string, as?: typeof owner) => bench.ctx.http('GET', path, as ? { as } : {});

      expect((await get(`/v1/payments/${paymentId}`, owner)).body).toMatchObject({ id: paymentId });
      expect((await get(`/v1/payments?orderId=${orderId}`, owner)).body).toMatchObject({ data: [{ id: paymentId }], nextCursor: null, hasMore: false });
      expect((await get(`/v1/payments?orderId=${orderId}`, stranger)).body).toEqual({ data: [], nextCursor: null, hasMore: false });
      for (const path of [`/v1/payments/${paymentId}`, `/v1/payments/${paymentId}/ledger`, `/v1/payments/${randomUUID()}`]) {
        expect((await get(path, stranger)).status).toBe(404);
        expect((await get(path)).status).toBe(401);
      }
    });

    it('pages through a customer\'s payments, each once', async () => {
      const customerId = randomUUID();
      const ids: string[] = [];
      for (let i = 0; i < 5; i += 1) ids.push((await bench.pay.authorizePayment({ ...someOrder(), customerId }, key())).paymentId);
      const seen: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await bench.ctx.http('GET', `/v1/payments?limit=2${cursor && `&cursor=${cursor}`}`, { as: { id: customerId, roles: ['customer'] } });
        seen.push(...body.data.map((it: { id: string }) => it.id));
        cursor = body.nextCursor;
      }
      expect(seen).toEqual(ids.toSorted().toReversed());
    });
  });

  describe('POST /v1/payments/{id}/refunds', () => {
    it('promises a part back, and a saga pays it out', async () => {
      const { paymentId, orderId } = await captured(1_000);
      const answer = await refund(paymentId, 400);
      expect([answer.status, answer.body]).toEqual([202, { id: expect.any(String), status: 'pending', amount: pounds(400) }]);
      await bench.ctx.settle();
      expect(await show(paymentId)).toMatchObject({ status: 'partially-refunded', refunded: pounds(400) });
      expect(bench.ctx.announced(paymentRefunded)).toContainEqual({ paymentId, orderId, amount: pounds(400), refundedAt: expect.any(String) });
      await refund(paymentId, 600);
      await bench.ctx.settle();
      expect(await show(paymentId)).toMatchObject({ status: 'refunded', refunded: pounds(1_000) });
    });

    it('promises no more than was captured, also when many ask at once', async () => {
      const { paymentId } = await captured(1_000, ON_ACCOUNT);
      const answers = await Promise.all(Array.from({ length: 8 }, () => refund(paymentId, 300)));
      expect(answers.map((it) => it.status).toSorted()).toEqual([202, 202, 202, 409, 409, 409, 409, 409]);
      expect(answers.find((it) => it.status === 409)?.body.code).toBe('refund-exceeds-captured');
      await bench.ctx.settle();
      expect(await show(paymentId)).toMatchObject({ refunded: pounds(900) });
      expect(await bookedFor(bench, paymentId)).toBe(100);
    });

    it('promises once what is sent twice with the same key', async () => {
      const { paymentId } = await captured(1_000);
      const request = { as: staff, body: { amount: pounds(100) }, key: randomUUID() };
      const [first, second] = [await bench.ctx.http('POST', `/v1/payments/${paymentId}/refunds`, request), await bench.ctx.http('POST', `/v1/payments/${paymentId}/refunds`, request)];
      expect([second.status, second.body]).toEqual([202, first.body]);
      await bench.ctx.settle();
      expect(await show(paymentId)).toMatchObject({ refunded: pounds(100) });
    });

    it('refuses what was not captured, what is not an amount, and who is not staff', async () => {
      const { paymentId } = await bench.pay.authorizePayment(someOrder(), key());
      expect((await refund(paymentId, 1)).status).toBe(409);
      expect((await refund(randomUUID(), 1)).status).toBe(404);
      expect((await refund(paymentId, 0)).body).toMatchObject({ code: 'invalid-input', errors: [{ path: '/amount/amount' }] });
      const customer = { id: randomUUID(), roles: ['customer'] };
      expect((await bench.ctx.http('POST', `/v1/payments/${paymentId}/refunds`, { as: customer, body: { amount: pounds(1) } })).status).toBe(403);
    });

    it('leaves the rest to a cancellation', async () => {
      const { paymentId, orderId } = await captured(1_000);
      await refund(paymentId, 250);
      expect(await bench.pay.cancelPayment({ orderId }, key())).toEqual({ refunded: pounds(1_000) });
      await bench.ctx.settle();
      expect(await show(paymentId)).toMatchObject({ status: 'refunded', refunded: pounds(1_000) });
      expect((await refund(paymentId, 1)).status).toBe(409);
    });
  });
});
