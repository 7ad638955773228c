import { NotFound, command, defineContract, defineError, event, idSchema, isoInstant, moneySchema, text } from '@banyan/kernel/contract';
import { z } from 'zod';

export const PaymentClosed = defineError({
  code: 'payment-closed', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The payment of this order was cancelled; it can be neither authorised nor captured any more. Place a new order.',
});

export const PaymentNotAuthorized = defineError({
  code: 'payment-not-authorized', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'Only money that was authorised can be captured. Authorise the payment of this order first.',
});

export const ProcessorTimeout = defineError({
  code: 'processor-timeout', http: 503, grpc: 'UNKNOWN', retryable: true,
  help: 'The card processor did not answer in time and may have done it. Send the same again: it is asked with the same key and does it once.',
});

export const ProcessorAway = defineError({
  code: 'processor-away', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'The card processor cannot be reached, or refuses to work for us at the moment. Send the same again after a while.',
});

export const ProcessorRefused = defineError({
  code: 'processor-refused', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The card processor says no, and asking again will not help. An operator must look at this payment in the processor\'s own books.',
});

/** The customer owes; nothing is asked of a card processor. */
export const ON_ACCOUNT = 'on-account';

/** `on-account`, or what the card processor knows a card by: its token, or a documented test value. */
export const paymentMethodSchema = text(1, 100);
/** The customer of an order: a user's id or an external customer number. */
const customerIdSchema = text(1, 64);

const order = z.strictObject({ orderId: idSchema });

/** Asks for the money of an order. One payment per order: asked again, it answers with what it did. */
const authorizePayment = command('payments.authorize-payment', {
  input: z.strictObject({ orderId: idSchema, customerId: customerIdSchema, amount: moneySchema, method: paymentMethodSchema }),
  output: z.discriminatedUnion('is', [
    z.strictObject({ is: z.literal('authorized'), paymentId: idSchema }),
    z.strictObject({ is: z.literal('declined'), paymentId: idSchema, code: text(1, 64), message: text(1, 300) }),
  ]),
  errors: [PaymentClosed, ProcessorTimeout, ProcessorAway],
});

/** Takes the authorised money. A payment that was cancelled in the meantime stays so, and the answer says it. */
const capturePayment = command('payments.capture-payment', {
  input: order,
  output: z.strictObject({ is: z.enum(['captured', 'cancelled']), paymentId: idSchema }),
  errors: [PaymentNotAuthorized, ProcessorRefused, ProcessorTimeout, ProcessorAway],
});

/**
 * Undoes an order's payment, however far it came: closes, voids or refunds it. Safe when there is none:
 * the order is then closed, so that an authorisation that comes late is refused. The order need not wait for a card
 * processor that is away: payments then carries the cancellation through on its own.
 */
const cancelPayment = command('payments.cancel-payment', {
  input: order,
  output: z.strictObject({ refunded: moneySchema.describe('All that went back to the customer or is on its way, earlier refunds included.') }),
  errors: [ProcessorRefused, ProcessorTimeout, ProcessorAway],
});

/** Carries through a cancellation during which the card processor was away. */
const settleCancellation = command('payments.settle-cancellation', {
  input: order,
  output: z.strictObject({}),
  errors: [ProcessorRefused, ProcessorTimeout, ProcessorAway],
});

/**
 * Pays a requested refund out. The refund was recorded by `POST /v1/payments/{id}/refunds`. Where the processor
 * refuses, the refund is over and its amount can be refunded anew; the payment's ledger shows it.
 */
const settleRefund = command('payments.settle-refund', {
  input: z.strictObject({ refundId: idSchema }),
  output: z.strictObject({}),
  errors: [NotFound, ProcessorTimeout, ProcessorAway],
});

/** Books the worth of returned goods to the customer's account. */
const creditCustomer = command('payments.credit-customer', {
  input: z.strictObject({ creditNoteId: idSchema, customerId: customerIdSchema, amount: moneySchema, issuedAt: isoInstant }),
  output: z.strictObject({}),
});

const paymentEvent = { version: 1, aggregateType: 'payment', aggregateId: (it: { paymentId: string }) => it.paymentId };
const about = { paymentId: idSchema, orderId: idSchema };

const paymentAuthorized = event('payments.payment-authorized', {
  ...paymentEvent,
  payload: z.strictObject({ ...about, amount: moneySchema, method: paymentMethodSchema }),
});

const paymentDeclined = event('payments.payment-declined', {
  ...paymentEvent,
  payload: z.strictObject({ ...about, code: z.string(), message: z.string() }),
});

const paymentCaptured = event('payments.payment-captured', {
  ...paymentEvent,
  payload: z.strictObject({ ...about, amount: moneySchema }),
});

/** Money of a captured payment went back; `refundedAt` is the day it is booked on. */
const paymentRefunded = event('payments.payment-refunded', {
  ...paymentEvent,
  payload: z.strictObject({ ...about, amount: moneySchema, refundedAt: isoInstant }),
});

/** An authorisation was given up before any money moved. */
const paymentVoided = event('payments.payment-voided', {
  ...paymentEvent,
  payload: z.strictObject(about),
});

export const paymentsContract = defineContract({
  name: 'payments',
  commands: { authorizePayment, capturePayment, cancelPayment, settleCancellation, settleRefund, creditCustomer },
  queries: {},
  events: { paymentAuthorized, paymentDeclined, paymentCaptured, paymentRefunded, paymentVoided },
});
