import { defineError } from '@banyan/kernel/contract';

export const OrderTooLarge = defineError({
  code: 'order-too-large', http: 422, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'The worth of all lines together is beyond what one document can hold. Split it.',
});

export const UnknownSku = defineError({
  code: 'unknown-sku', http: 422, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'The catalogue has no such article. The wrong lines are listed; look the articles up under /v1/products.',
});

export const StaffOnly = defineError({
  code: 'staff-only-fields', http: 403, grpc: 'PERMISSION_DENIED', retryable: false,
  help: 'Some fields are for staff. Leave them out: the customer, the time and the prices are then found by the shop.',
});

export const PaymentMethodMissing = defineError({
  code: 'payment-method-missing', http: 422, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'This shop takes real cards, so an order has to say how it is paid: add `payment: { method }`.',
});

export const OrderNotCancellable = defineError({
  code: 'order-not-cancellable', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'Only pending and confirmed orders can be cancelled. For goods that have left or arrived, ask for a credit note.',
});

/** Makes the checkout turn back; never leaves the context. */
export const CancelledByCustomer = defineError({
  code: 'cancelled', http: 409, grpc: 'ABORTED', retryable: false,
  help: 'The order was cancelled before it was confirmed.',
});
