import type { Payment, PaymentFact } from '../payment.js';
import { needsProcessor } from '../payment.js';

export const ACCOUNTS = ['card-clearing', 'receivable', 'refunds', 'sales'] as const;
export type Account = typeof ACCOUNTS[number];

/** One side of a booking; one of the two figures is zero. */
export interface LedgerLine {
  readonly account: Account;
  readonly debit: number;
  readonly credit: number;
}

/**
 * What a fact means for the books; undefined where no money moved.
 * Money comes in over the cards' clearing account, or is owed by the customer.
 */
export function bookingOf(payment: Payment, fact: PaymentFact): LedgerLine[] | undefined {
  const counterpart = needsProcessor(payment) ? 'card-clearing' : 'receivable';
  if (fact.amount === 0) return undefined;
  switch (fact.is) {
    case 'captured': return transfer(counterpart, 'sales', fact.amount);
    case 'refunded': return transfer('refunds', counterpart, fact.amount);
    default: return undefined;
  }
}

/** The worth of returned goods, which the customer owes less; undefined for nothing. */
export function bookingOfCredit(amount: number): LedgerLine[] | undefined {
  return amount === 0 ? undefined : transfer('refunds', 'receivable', amount);
}

function transfer(debited: Account, credited: Account, amount: number): LedgerLine[] {
  return [{ account: debited, debit: amount, credit: 0 }, { account: credited, debit: 0, credit: amount }];
}
