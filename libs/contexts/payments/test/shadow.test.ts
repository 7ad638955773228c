import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientOf } from '@banyan/kernel/contract';
import { type ShadowUnderTest, shadowUnderTest } from '@banyan/kernel/testing';
import { paymentsContract } from '../contract/index.js';
import { PaymentsSettings, payments } from '../index.js';
import { key, pounds, someOrder, staff, untilAnswered } from './payments-under-test.js';

describe.each([
  { original: 'tables', candidate: 'tables' }, { original: 'tables', candidate: 'events' }, { original: 'events', candidate: 'events' },
] as const)('payments that book in $original, beside payments that book in $candidate', ({ original, candidate }) => {
  let both: ShadowUnderTest;
  let pay: ClientOf<typeof paymentsContract>;
  beforeAll(async () => {
    both = await shadowUnderTest(payments, payments, {
      providers: [{ provide: PaymentsSettings, useValue: { processor: 'test', ledger: original } }],
      candidateProviders: [{ provide: PaymentsSettings, useValue: { processor: 'test', ledger: candidate } }],
      sagas: { firstPauseMs: 5, longestPauseMs: 50, pollMs: 50 },
    });
    pay = both.context.host.clientOf(paymentsContract);
  });
  afterAll(() => both.close());

  it('do the same with every input, also where an answer was lost, inputs raced, and copies began in the middle', async () => {
    const before = someOrder();
    await pay.authorizePayment(before, key());
    await both.begin();
    await pay.capturePayment({ orderId: before.orderId }, key());
    for (const method of ['test-card', 'test-card-declined', 'on-account', 'test-card-timeout', 'test-card-capture-fails-once']) {
      const order = someOrder(2_500, method);
      const again = key();
      const authorized = await untilAnswered(() => pay.authorizePayment(order, again));
      if (authorized.is === 'declined') continue;
      const capture = key();
      await untilAnswered(() => pay.capturePayment({ orderId: order.orderId }, capture));
      await pay.capturePayment({ orderId: order.orderId }, capture);
      await both.context.http('POST', `/v1/payments/${authorized.paymentId}/refunds`, { as: staff, body: { amount: pounds(1_000) } });
      await both.context.http('POST', `/v1/payments/${authorized.paymentId}/refunds`, { as: staff, body: { amount: pounds(5_000) } });
      await both.context.http('POST', `/v1/payments/${authorized.paymentId}/refunds`, { as: staff, body: { amount: 'much' } });
      await both.context.settle();
      await both.context.http('GET', `/v1/payments/${authorized.paymentId}`, { as: staff });
      await both.context.http('GET', `/v1/payments/${authorized.paymentId}/ledger`, { as: staff });
      await pay.cancelPayment({ orderId: order.orderId }, key());
    }
    const raced = someOrder();
    await Promise.allSettled([pay.authorizePayment(raced, key()), pay.cancelPayment({ orderId: raced.orderId }, key()), pay.authorizePayment(raced, key())]);
    await pay.creditCustomer({ creditNoteId: raced.orderId, customerId: 'guest', amount: pounds(500), issuedAt: '2011-01-04T10:00:00.000Z' }, key());
    const report = await both.report();
    expect({ ...report, findings: report.findings.map(({ sample: { differences }, ...rest }) => ({ ...rest, differences: JSON.stringify(differences).slice(0, 600) })) }).toMatchObject({ findings: [] });
    expect(report.run).toMatchObject({ state: 'playing', skipped: 0, dropped: 0 });
    expect(report.coverage).toMatchObject({ 'payments.authorize-payment processor-timeout': [1, 1], 'payments.settle-refund done': [4, 4] });
    for (const [compared, equal] of Object.values(report.coverage)) expect(equal).toBe(compared);
  });
});
