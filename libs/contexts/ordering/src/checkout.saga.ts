import { inventoryContract } from '@banyan/inventory/contract';
import { idSchema, moneySchema } from '@banyan/kernel/contract';
import { call, defineSaga, local, pivot, undo } from '@banyan/kernel/saga';
import { paymentsContract } from '@banyan/payments/contract';
import { z } from 'zod';
import { ConfirmOrder } from './confirm-order.js';
import { EndUnservedOrder } from './end-unserved-order.js';

const { reserveStock, takeStock, releaseStock } = inventoryContract.commands;
const { authorizePayment, capturePayment, cancelPayment } = paymentsContract.commands;

const checkoutState = z.strictObject({
  orderId: idSchema,
  customerId: z.string(),
  amount: moneySchema,
  method: z.string(),
  lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int() })),
});

/**
 * From a pending order to a served one. Up to `confirm` every step can be taken back, and a cancellation by the
 * customer is noticed there; after it the saga only goes forward.
 */
export const checkout = defineSaga('checkout', 1, checkoutState, {
  steps: [
    call('reserve-stock', reserveStock, {
      input: ({ orderId, lines }) => ({ orderId, lines }),
      timeout: '2m',
      compensate: undo(releaseStock, ({ orderId }) => ({ orderId })),
    }),
    call('authorize-payment', authorizePayment, {
      input: ({ orderId, customerId, amount, method }) => ({ orderId, customerId, amount, method }),
      timeout: '5m',
      refuseIf: (reply) => (reply.is === 'declined' ? { code: reply.code, message: reply.message } : undefined),
      compensate: undo(cancelPayment, ({ orderId }) => ({ orderId })),
    }),
    pivot(local('confirm', ConfirmOrder)),
    call('capture-payment', capturePayment, { input: ({ orderId }) => ({ orderId }) }),
    call('take-stock', takeStock, { input: ({ orderId }) => ({ orderId }) }),
  ],
  failed: EndUnservedOrder,
});
