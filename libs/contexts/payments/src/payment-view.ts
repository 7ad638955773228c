import { idSchema, moneySchema } from '@banyan/kernel/contract';
import type { Principal } from '@banyan/kernel/runtime';
import { money } from '@banyan/kernel/words';
import { z } from 'zod';
import { type Payment, capturedOf, refundedOf } from './payment.js';

const statuses = [
  'authorizing', 'authorized', 'declined', 'capturing', 'captured', 'partially-refunded', 'refunded', 'cancelling', 'voided', 'closed',
] as const;
export type PaymentStatus = typeof statuses[number];

export const paymentSchema = z.strictObject({
  id: idSchema,
  orderId: idSchema,
  status: z.enum(statuses),
  authorized: moneySchema.describe('What the customer\'s bank, or their account, has promised.'),
  captured: moneySchema.describe('What of it was taken.'),
  refunded: moneySchema.describe('What of that went back.'),
});

/** The payment as its customer and staff see it. */
export function presentPayment(payment: Payment): z.input<typeof paymentSchema> {
  return {
    id: payment.id,
    orderId: payment.orderId,
    status: statusOf(payment),
    authorized: money(authorizedOf(payment)),
    captured: money(capturedOf(payment)),
    refunded: money(refundedOf(payment)),
  };
}

export function statusOf(payment: Payment): PaymentStatus {
  const { state, isCancelled } = payment;
  const isUnderWay = state.is === 'authorizing' || state.is === 'authorized' || state.is === 'capturing';
  if (isCancelled && isUnderWay) return 'cancelling';
  if (state.is !== 'captured') return state.is;
  if (state.refunded < payment.amount) {
    if (isCancelled) return 'cancelling';
    return state.refunded > 0 ? 'partially-refunded' : 'captured';
  }
  return isCancelled || payment.amount > 0 ? 'refunded' : 'captured';
}

/** A customer sees what they pay for; a tombstone belongs to nobody. */
export function maySee({ customerId }: Pick<Payment, 'customerId'>, reader: Principal): boolean {
  return isStaff(reader) || customerId === reader.id;
}

export function isStaff(reader: Principal): boolean {
  return reader.roles.includes('staff');
}

function authorizedOf({ state, amount }: Payment): number {
  return state.is === 'authorized' || state.is === 'capturing' || state.is === 'captured' ? amount : 0;
}
