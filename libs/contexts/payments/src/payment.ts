import { ON_ACCOUNT } from '../contract/index.js';

/** How far the money of an order came. Amounts are in minor units, here and in all files of this context. */
export type PaymentState =
  | { readonly is: 'authorizing' }
  | { readonly is: 'authorized'; readonly authorization: string }
  | { readonly is: 'declined'; readonly code: string; readonly message: string }
  | { readonly is: 'capturing'; readonly authorization: string }
  | { readonly is: 'captured'; readonly authorization: string; readonly refunded: number }
  | { readonly is: 'voided' }
  /** A tombstone: the order was cancelled before it asked for money. */
  | { readonly is: 'closed' };

/** A refund that staff asked for and that is not paid out yet. */
export interface Refund {
  readonly id: string;
  readonly amount: number;
}

/** The payment of one order. */
export interface Payment {
  readonly id: string;
  readonly orderId: string;
  /** Null on a tombstone: nobody asked. */
  readonly customerId: string | null;
  readonly method: string;
  readonly amount: number;
  readonly state: PaymentState;
  /** From the moment this is set, everything goes towards giving the money back. */
  readonly isCancelled: boolean;
  readonly pendingRefunds: readonly Refund[];
  /** How many facts have been recorded. */
  readonly version: number;
  /** When the last of them happened. */
  readonly changedAt: Date;
}

/** What happened to a payment; kept forever, in order. */
export type PaymentFact =
  | { readonly is: 'authorized'; readonly amount: number }
  | { readonly is: 'declined'; readonly amount: number; readonly code: string; readonly message: string }
  | { readonly is: 'captured'; readonly amount: number }
  | { readonly is: 'capture-refused'; readonly amount: number; readonly code: string; readonly message: string }
  | { readonly is: 'refund-requested'; readonly amount: number; readonly refundId: string }
  | { readonly is: 'refunded'; readonly amount: number; readonly refundId: string }
  | { readonly is: 'refund-refused'; readonly amount: number; readonly refundId: string; readonly code: string; readonly message: string }
  | { readonly is: 'cancelled'; readonly amount: number }
  | { readonly is: 'voided'; readonly amount: number }
  | { readonly is: 'closed'; readonly amount: number };

/** A decision: the payment as it was, as it is now, and what happened in between. Nothing, where both are the same. */
export interface Change {
  readonly before: Payment | undefined;
  readonly payment: Payment;
  readonly facts: readonly PaymentFact[];
}

export function unchanged(payment: Payment): Change {
  return { before: payment, payment, facts: [] };
}

export function changed(before: Payment, patch: Partial<Payment>, ...facts: PaymentFact[]): Change {
  return { before, payment: { ...before, ...patch, version: before.version + facts.length }, facts };
}

/** Nobody is asked for what is on account, and nobody for nothing. */
export function needsProcessor({ method, amount }: Payment): boolean {
  return method !== ON_ACCOUNT && amount > 0;
}

export function capturedOf({ state, amount }: Payment): number {
  return state.is === 'captured' ? amount : 0;
}

export function refundedOf({ state }: Payment): number {
  return state.is === 'captured' ? state.refunded : 0;
}

/** What was captured and is neither paid back nor promised back. */
export function refundable(payment: Payment): number {
  const promised = payment.pendingRefunds.reduce((sum, refund) => sum + refund.amount, 0);
  return capturedOf(payment) - refundedOf(payment) - promised;
}
