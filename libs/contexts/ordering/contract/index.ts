import { NotFound, command, defineContract, defineError, event, idSchema, isoInstant, moneySchema, skuSchema, text } from '@banyan/kernel/contract';
import { z } from 'zod';

export const OrderNotConfirmed = defineError({
  code: 'order-not-confirmed', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'Only the goods of a confirmed order can leave or arrive. Wait for the order to be confirmed; a rejected one never will be.',
});

const line = z.strictObject({ sku: skuSchema, quantity: z.int().min(1), unitPrice: moneySchema });
const customerId = text(1, 64);

const orderEvent = { version: 1, aggregateType: 'order', aggregateId: (it: { orderId: string }) => it.orderId };
const wholeOrder = {
  orderId: idSchema, customerId, placedAt: isoInstant, lines: z.array(line).min(1).max(2_000), total: moneySchema,
};
const reason = z.strictObject({ code: z.string(), message: z.string() });

const orderPlaced = event('ordering.order-placed', { ...orderEvent, payload: z.strictObject(wholeOrder) });

/** Goods are reserved and money is promised: the order will be served. */
const orderConfirmed = event('ordering.order-confirmed', { ...orderEvent, payload: z.strictObject({ ...wholeOrder, confirmedAt: isoInstant }) });

/** Version 1 did not say whose order it was. */
const ended = {
  ...orderEvent, version: 2,
  payload: z.strictObject({ orderId: idSchema, customerId: customerId.nullable(), reason }),
  upcast: { 1: (older: unknown) => ({ ...z.looseObject({}).parse(older), customerId: null }) },
};
const orderRejected = event('ordering.order-rejected', ended);

/** From here on the order ends cancelled, however long money and goods take to come back: do nothing for it any more. */
const orderCancellationRequested = event('ordering.order-cancellation-requested', { ...orderEvent, payload: z.strictObject({ orderId: idSchema }) });

/** Money and goods are back where they were. */
const orderCancelled = event('ordering.order-cancelled', ended);

const orderShipped = event('ordering.order-shipped', { ...orderEvent, payload: z.strictObject({ orderId: idSchema }) });

const orderDelivered = event('ordering.order-delivered', { ...orderEvent, payload: z.strictObject({ orderId: idSchema }) });

/** Goods came back and the customer was credited; booked on the day of `issuedAt`. */
const creditNoteIssued = event('ordering.credit-note-issued', {
  version: 1,
  aggregateType: 'credit-note',
  aggregateId: (note) => note.creditNoteId,
  payload: z.strictObject({ creditNoteId: idSchema, customerId, issuedAt: isoInstant, lines: z.array(line).min(1).max(2_000), total: moneySchema }),
});

/**
 * Whoever brings the goods says that they have left, or have arrived; arrived goods must have left, so the news may
 * come in any order. Safe to send again, and for an order whose cancellation was quicker: that goes on.
 */
const noteShipment = command('ordering.note-shipment', {
  input: z.strictObject({ orderId: idSchema, is: z.enum(['shipped', 'delivered']) }),
  output: z.strictObject({}),
  errors: [NotFound, OrderNotConfirmed],
});

export const orderingContract = defineContract({
  name: 'ordering',
  commands: { noteShipment },
  queries: {},
  events: { orderPlaced, orderConfirmed, orderRejected, orderCancellationRequested, orderCancelled, orderShipped, orderDelivered, creditNoteIssued },
});
