import { describe, expect, it } from '@jest/globals';
import { ON_ACCOUNT, PaymentNotAuthorized } from '../contract/index.js';
import { RefundExceedsCaptured } from './errors.js';
import type { Change, Payment } from './payment.js';
import { cancel, closeOrder, requestCapture, requestPayment, requestRefund } from './payment-decisions.js';
import { statusOf } from './payment-view.js';
import { type Answer, answered, operations, underWay } from './processor-operation.js';

const at = new Date('2026-03-01T10:00:00Z');
const wish = { id: 'p', orderId: 'o', customerId: 'c', method: 'test-card', amount: 1000 };
const asked = () => requestPayment(wish, at).payment;
const yes: Answer = { is: 'authorized', authorization: 'auth' };
const done: Answer = { is: 'done' };
const no: Answer = { is: 'refused', code: 'nope', message: 'No.' };

/** Gives the answer to whatever is under way. */
function told(payment: Payment, answer: Answer): Payment {
  const operation = underWay(payment);
  if (!operation) throw new Error(`Nothing is under way for a payment that is ${statusOf(payment)}.`);
  return answered(payment, operation, answer).payment;
}
const authorized = () => told(asked(), yes);
const captured = () => told(requestCapture(authorized()).payment, done);
const factsOf = ({ facts }: Change) => facts.map((fact) => fact.is);

describe('a payment', () => {
  it.each<[string, Payment, string, string | undefined]>([
    ['was just asked for', asked(), 'authorizing', 'authorize'],
    ['was authorised', authorized(), 'authorized', undefined],
    ['was declined', told(asked(), { is: 'declined', code: 'x', message: 'X.' }), 'declined', undefined],
    ['is being captured', requestCapture(authorized()).payment, 'capturing', 'capture'],
    ['was captured', captured(), 'captured', undefined],
    ['was cancelled while it was being authorised', cancel(asked()).payment, 'cancelling', 'authorize'],
    ['was authorised after it was cancelled', told(cancel(asked()).payment, yes), 'cancelling', 'void'],
    ['was declined after it was cancelled', told(cancel(asked()).payment, { is: 'declined', code: 'x', message: 'X.' }), 'declined', undefined],
    ['was cancelled when authorised', cancel(authorized()).payment, 'cancelling', 'void'],
    ['was voided', told(cancel(authorized()).payment, done), 'voided', undefined],
    ['was cancelled while it was being captured', cancel(requestCapture(authorized()).payment).payment, 'cancelling', 'capture'],
    ['could not be captured after it was cancelled', told(cancel(requestCapture(authorized()).payment).payment, no), 'cancelling', 'void'],
    ['was captured after it was cancelled', told(cancel(requestCapture(authorized()).payment).payment, done), 'cancelling', 'refund/cancellation-3'],
    ['was cancelled when captured', cancel(captured()).payment, 'cancelling', 'refund/cancellation-3'],
    ['was refunded by a cancellation', told(cancel(captured()).payment, done), 'refunded', undefined],
    ['has a refund by cancellation refused, and tries another', told(cancel(captured()).payment, no), 'cancelling', 'refund/cancellation-4'],
    ['was closed before it began', closeOrder('p', 'o', at).payment, 'closed', undefined],
  ])('that %s', (_story, payment, status, key) => {
    expect(statusOf(payment)).toBe(status);
    expect(underWay(payment)?.key).toBe(key);
  });

  it('ignores an answer that somebody else was quicker to record', () => {
    const payment = authorized();
    const late = answered(payment, { is: 'authorize', key: 'authorize' }, yes);
    expect(late.payment).toBe(payment);
    expect(late.facts).toEqual([]);
  });

  it('asks nobody when it is on account: one decision takes it all the way', () => {
    const change = requestPayment({ ...wish, method: ON_ACCOUNT }, at);
    expect([statusOf(change.payment), factsOf(change)]).toEqual(['authorized', ['authorized']]);
    const taken = requestCapture(change.payment);
    expect([statusOf(taken.payment), factsOf(taken)]).toEqual(['captured', ['captured']]);
    const back = cancel(taken.payment);
    expect([statusOf(back.payment), factsOf(back)]).toEqual(['refunded', ['cancelled', 'refunded']]);
    expect(factsOf(cancel(change.payment))).toEqual(['cancelled', 'voided']);
  });

  it('asks nobody for nothing', () => {
    expect(statusOf(requestPayment({ ...wish, amount: 0 }, at).payment)).toBe('authorized');
  });

  it('cannot be captured before it is authorised, nor after it was declined', () => {
    expect(() => requestCapture(asked())).toThrow(PaymentNotAuthorized);
    expect(() => requestCapture(told(asked(), { is: 'declined', code: 'x', message: 'X.' }))).toThrow(PaymentNotAuthorized);
  });

  it('is captured once, and never after a cancellation', () => {
    const payment = captured();
    expect(requestCapture(payment).payment).toBe(payment);
    const cancelled = cancel(authorized()).payment;
    expect(requestCapture(cancelled).payment).toBe(cancelled);
  });

  it('promises no more back than was captured, pending refunds counted', () => {
    const promised = requestRefund(captured(), { id: 'r1', amount: 600 }).payment;
    expect(() => requestRefund(promised, { id: 'r2', amount: 401 })).toThrow(RefundExceedsCaptured);
    const both = requestRefund(promised, { id: 'r2', amount: 400 }).payment;
    expect(operations(both).map((it) => it.key)).toEqual(['refund/r1', 'refund/r2']);
    expect(() => requestRefund(authorized(), { id: 'r', amount: 1 })).toThrow(RefundExceedsCaptured);
    expect(() => requestRefund(cancel(captured()).payment, { id: 'r', amount: 1 })).toThrow(RefundExceedsCaptured);
  });

  it('is partly refunded, then refunded; a refused refund can be asked for anew', () => {
    const [first] = operations(requestRefund(captured(), { id: 'r1', amount: 600 }).payment);
    if (!first) throw new Error('Nothing to refund.');
    const promised = requestRefund(captured(), { id: 'r1', amount: 600 }).payment;
    expect(statusOf(answered(promised, first, done).payment)).toBe('partially-refunded');
    const refused = answered(promised, first, no).payment;
    expect(statusOf(refused)).toBe('captured');
    expect(requestRefund(refused, { id: 'r2', amount: 1000 }).payment.pendingRefunds).toHaveLength(1);
  });

  it('pays promised refunds first when it is cancelled, then the rest', () => {
    let payment = cancel(requestRefund(captured(), { id: 'r1', amount: 300 }).payment).payment;
    expect(underWay(payment)).toMatchObject({ key: 'refund/r1', refund: { amount: 300 } });
    payment = told(payment, done);
    expect(underWay(payment)).toMatchObject({ is: 'refund', refund: { amount: 700 } });
    expect(statusOf(told(payment, done))).toBe('refunded');
  });
});
