import { randomUUID } from 'node:crypto';
import type { ClientOf } from '@banyan/kernel/contract';
import { type ContextUnderTest, contextUnderTest } from '@banyan/kernel/testing';
import { BanyanError } from '@banyan/kernel/contract';
import { z } from 'zod';
import { paymentsContract } from '../contract/index.js';
import { PaymentsSettings, payments } from '../index.js';
import { CardProcessor } from '../src/card-processor/card-processor.js';
import { type WrittenRow, factsOf } from '../src/ledger/projection.js';

export const staff = { id: randomUUID(), roles: ['staff'] };
export const key = () => ({ idempotencyKey: randomUUID() });
export const pounds = (amount: number) => ({ amount, currency: 'GBP' as const });

export interface PaymentsUnderTest {
  readonly ctx: ContextUnderTest;
  readonly pay: ClientOf<typeof paymentsContract>;
}

/** The ways to keep the books. The same is promised of each. */
export const ledgers = ['tables', 'events'] as const;

interface Wishes {
  readonly ledger: typeof ledgers[number];
  readonly processor?: CardProcessor;
  readonly settings?: PaymentsSettings;
}

/** Payments alone, with the built-in card processor unless told otherwise. */
export async function paymentsUnderTest(with_: Wishes): Promise<PaymentsUnderTest> {
  const settings: PaymentsSettings = { ...(with_.settings ?? { processor: 'test' }), ledger: with_.ledger };
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

const line = z.object({
  bookingId: z.string(), line: z.int(), account: z.string(), debit: z.int(), credit: z.int(), valueDate: z.string(), paymentId: z.string().nullable(), creditNoteId: z.string().nullable(),
});
type WrittenLine = z.output<typeof line>;

/** All that the context has written about its books, whichever way it keeps them. */
export async function writtenFacts({ ctx }: PaymentsUnderTest): Promise<readonly WrittenRow[]> {
  const rows = await Promise.all(['payment_event', 'ledger_entry', 'stream_event', 'stream_snapshot'].map((table) =>
    ctx.database.query<WrittenRow>(`SELECT '${table}' AS table, 'inserted' AS change, to_jsonb(it) AS row FROM ${table} it`)));
  return factsOf(rows.flat());
}

/** Every side of every booking. */
export async function writtenLines(bench: PaymentsUnderTest): Promise<WrittenLine[]> {
  return (await writtenFacts(bench)).filter(({ table }) => table === 'ledger-line').map(({ row }) => line.parse(row));
}

/** Bookings that do not balance. */
export async function imbalances(bench: PaymentsUnderTest): Promise<string[]> {
  const bookings = Map.groupBy(await writtenLines(bench), (it) => it.bookingId);
  return [...bookings].filter(([, lines]) => balanceOf(lines) !== 0).map(([id]) => id);
}

/** What the books hold of one payment's money: captured less refunded. */
export async function bookedFor(bench: PaymentsUnderTest, paymentId: string): Promise<number> {
  return balanceOf((await writtenLines(bench)).filter((it) => it.paymentId === paymentId && ['card-clearing', 'receivable'].includes(it.account)));
}

function balanceOf(lines: readonly WrittenLine[]): number {
  return lines.reduce((sum, { debit, credit }) => sum + debit - credit, 0);
}
