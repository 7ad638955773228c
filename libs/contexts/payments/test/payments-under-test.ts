import { randomUUID } from 'node:crypto';
import type { ClientOf } from '@banyan/kernel/contract';
import { type ContextUnderTest, contextUnderTest } from '@banyan/kernel/testing';
import { BanyanError } from '@banyan/kernel/contract';
import { paymentsContract } from '../contract/index.js';
import { PaymentsSettings, payments } from '../index.js';
import { CardProcessor } from '../src/card-processor/card-processor.js';

export const staff = { id: randomUUID(), roles: ['staff'] };
export const key = () => ({ idempotencyKey: randomUUID() });
export const pounds = (amount: number) => ({ amount, currency: 'GBP' as const });

export interface PaymentsUnderTest {
  readonly ctx: ContextUnderTest;
  readonly pay: ClientOf<typeof paymentsContract>;
}

/** Payments alone, with the built-in card processor unless told otherwise. */
export async function paymentsUnderTest(with_: { processor?: CardProcessor; settings?: PaymentsSettings } = {}): Promise<PaymentsUnderTest> {
  const settings: PaymentsSettings = with_.settings ?? { processor: 'test' };
  const ctx = await contextUnderTest(payments, {
    providers: [
      { provide: PaymentsSettings, useValue: settings },
      ...(with_.processor ? [{ provide: CardProcessor, useValue: with_.processor }] : []),
    ],
    sagas: { firstPauseMs: 5, longestPauseMs: 50, pollMs: 50 },
  });
  return { ctx, pay: ctx.host.clientOf(paymentsContract) };
}

/** A customer and an order of theirs. */
export function someOrder(amount = 2_500, method = 'test-card') {
  return { orderId: randomUUID(), customerId: randomUUID(), amount: pounds(amount), method };
}

/** Sends a command until it is answered, as a saga does: again with the same key while the error says so. */
export async function untilAnswered<T>(send: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof BanyanError) || !error.definition.retryable) throw error;
    }
  }
}

/** Every booking balances, and so do all of them together. */
export async function imbalances({ ctx }: PaymentsUnderTest): Promise<unknown[]> {
  return ctx.database.query('SELECT booking_id FROM ledger_entry GROUP BY booking_id HAVING sum(debit) <> sum(credit)');
}

/** What the books hold of one payment's money: captured less refunded. */
export async function bookedFor({ ctx }: PaymentsUnderTest, paymentId: string): Promise<number> {
  const [row] = await ctx.database.query<{ held: number }>(
    `SELECT coalesce(sum(debit - credit), 0)::bigint AS held FROM ledger_entry WHERE payment_id = $1 AND account IN ('card-clearing', 'receivable')`,
    [paymentId],
  );
  return row?.held ?? 0;
}
