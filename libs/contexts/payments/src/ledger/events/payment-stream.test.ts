import { describe, expect, it } from '@jest/globals';
import { evolved } from '@banyan/kernel/event-store';
import type { PaymentFact } from '../../payment.js';
import { paymentStream } from './payment-stream.js';

const happened = (...facts: readonly (readonly [PaymentFact['is'], number])[]) => facts.map(([type, amount], i) =>
  ({ type, data: { amount, reference: null, reason: null, booking: null }, occurredAt: new Date(0), version: i + 1 }));

describe('what is held of the customer\'s money', () => {
  it.each([
    { story: 'nothing happened', given: happened(), held: [] },
    { story: 'it was only promised', given: happened(['authorized', 500], ['cancelled', 0], ['voided', 500]), held: [0, 0, 0] },
    { story: 'it was taken', given: happened(['authorized', 500], ['captured', 500]), held: [0, 500] },
    { story: 'the bank refused to take it', given: happened(['authorized', 500], ['capture-refused', 500]), held: [0, 0] },
    { story: 'a part went back', given: happened(['captured', 500], ['refund-requested', 200], ['refunded', 200]), held: [500, 500, 300] },
    { story: 'a part was refused, and all went back', given: happened(['captured', 500], ['refund-refused', 200], ['cancelled', 0], ['refunded', 500]), held: [500, 500, 500, 0] },
  ])('when $story', ({ given, held }) => {
    expect(evolved(paymentStream, paymentStream.initial, given)).toEqual(held);
  });
});

describe('a booking in a stream', () => {
  it.each([{ debit: 500, credit: 500, fits: true }, { debit: 500, credit: 499, fits: false }])('of $debit against $credit fits: $fits', ({ debit, credit, fits }) => {
    const lines = [{ account: 'card-clearing', debit, credit: 0 }, { account: 'sales', debit: 0, credit }];
    const booking = { id: '0198c000-0000-7000-8000-000000000002', valueDate: '2026-03-01', lines };
    expect(paymentStream.events.captured.data.safeParse({ amount: debit, reference: null, reason: null, booking }).success).toBe(fits);
  });
});
