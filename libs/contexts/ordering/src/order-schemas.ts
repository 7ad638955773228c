import { cursorPage, idSchema, isoInstant, moneySchema, skuSchema, text } from '@banyan/kernel/contract';
import { pageQuery } from '@banyan/kernel/http';
import { paymentMethodSchema } from '@banyan/payments/contract';
import { z } from 'zod';
import type { CreditNote } from './credit-note.js';
import type { CreditNoteSummary } from './credit-notes.repository.js';
import type { Order } from './order.js';
import type { OrderSummary } from './orders.repository.js';

const quantity = z.int().min(1).max(1_000_000);
/** Minor units; staff's own price for a line. */
const unitPrice = z.int().min(0).max(1_000_000_000);
const customerId = text(1, 64);

export const placeOrderSchema = z.strictObject({
  lines: z.array(z.strictObject({ sku: skuSchema, quantity, unitPrice: unitPrice.optional() })).min(1).max(2_000),
  payment: z.strictObject({ method: paymentMethodSchema }).optional(),
  customerId: customerId.optional(),
  placedAt: isoInstant.optional(),
});

export const issueCreditNoteSchema = z.strictObject({
  customerId,
  issuedAt: isoInstant,
  lines: z.array(z.strictObject({ sku: skuSchema, quantity, unitPrice })).min(1).max(2_000),
});

export const cancelOrderSchema = z.strictObject({ reason: text(1, 300) });

const orderStatus = z.enum(['pending', 'confirmed', 'shipped', 'delivered', 'rejected', 'cancelled']);
const creditNoteStatus = z.enum(['pending', 'issued']);
const reason = z.strictObject({ code: z.string(), message: z.string() });
const line = z.strictObject({ sku: skuSchema, quantity, unitPrice: moneySchema });

const orderSummarySchema = z.strictObject({ id: idSchema, customerId, status: orderStatus, total: moneySchema, placedAt: isoInstant });

const historyEntry = z.strictObject({
  status: z.enum([...orderStatus.options, 'cancellation-requested']), at: isoInstant, reason: reason.optional(),
});
export const orderSchema = orderSummarySchema.extend({
  reason: reason.optional(),
  lines: z.array(line),
  history: z.array(historyEntry),
});
export const orderListSchema = cursorPage(orderSummarySchema);
export const orderListQuery = pageQuery.extend({ status: orderStatus.optional() });

const creditNoteSummarySchema = z.strictObject({ id: idSchema, customerId, status: creditNoteStatus, total: moneySchema, issuedAt: isoInstant });
export const creditNoteSchema = creditNoteSummarySchema.extend({ lines: z.array(line) });
export const creditNoteListSchema = cursorPage(creditNoteSummarySchema);
export const creditNoteListQuery = pageQuery.extend({ status: creditNoteStatus.optional() });

export function presentSummary(order: OrderSummary): z.output<typeof orderSummarySchema> {
  return { id: order.id, customerId: order.customerId, status: order.status, total: order.total, placedAt: order.placedAt.toISOString() };
}

export function presentOrder(order: Order): z.output<typeof orderSchema> {
  return { ...presentSummary(order), ...(order.reason && { reason: order.reason }), lines: [...order.lines], history: [...order.history] };
}

export function presentNoteSummary(note: CreditNoteSummary): z.output<typeof creditNoteSummarySchema> {
  return { id: note.id, customerId: note.customerId, status: note.status, total: note.total, issuedAt: note.issuedAt.toISOString() };
}

export function presentNote(note: CreditNote): z.output<typeof creditNoteSchema> {
  return { ...presentNoteSummary(note), lines: [...note.lines] };
}
