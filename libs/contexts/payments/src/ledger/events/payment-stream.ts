import { idSchema, isoDate } from '@banyan/kernel/contract';
import { type EventOf, defineStream } from '@banyan/kernel/event-store';
import { z } from 'zod';
import type { PaymentFact } from '../../payment.js';
import { ACCOUNTS } from '../booking.js';

const side = z.int().min(0);
const booking = z.strictObject({
  id: idSchema,
  valueDate: isoDate,
  lines: z.array(z.strictObject({ account: z.enum(ACCOUNTS), debit: side, credit: side })),
}).refine(({ lines }) => lines.reduce((sum, { debit, credit }) => sum + debit - credit, 0) === 0, 'The booking does not balance.');

/** A fact with its booking; null where no money moved. The views of the migrations read the same names. */
const fact = {
  version: 1,
  data: z.strictObject({ amount: side, reference: z.string().nullable(), reason: z.string().nullable(), booking: booking.nullable() }),
} as const;

const facts = {
  authorized: fact, declined: fact, captured: fact, 'capture-refused': fact, 'refund-requested': fact,
  refunded: fact, 'refund-refused': fact, cancelled: fact, voided: fact, closed: fact,
} satisfies Record<PaymentFact['is'], typeof fact>;

export type PaymentEvent = EventOf<typeof facts>;

/** What happened to one payment. Its state is what is held of the customer's money, in minor units. */
export const paymentStream = defineStream({
  name: 'payment',
  events: facts,
  initial: 0,
  evolve: (balance: number, { type, data: { amount } }): number => {
    switch (type) {
      case 'captured': return balance + amount;
      case 'refunded': return balance - amount;
      default: return balance;
    }
  },
  // Most payments have four facts, and never come so far.
  snapshots: { every: 20, version: 1, state: z.int() },
});

/** What a credit note was booked as: one event. */
export const creditNoteStream = defineStream({
  name: 'credit-note',
  events: { credited: { version: 1, data: z.strictObject({ booking }) } },
  initial: null,
  evolve: () => null,
});
