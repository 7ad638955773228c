import { inventoryContract } from '@banyan/inventory/contract';
import { idSchema } from '@banyan/kernel/contract';
import { call, defineSaga, local } from '@banyan/kernel/saga';
import { paymentsContract } from '@banyan/payments/contract';
import { z } from 'zod';
import { MarkCancelled } from './mark-cancelled.js';

/** Takes a confirmed order back. Nobody can refuse it, so it only goes forward. */
export const cancellation = defineSaga('cancellation', 1, z.strictObject({ orderId: idSchema }), {
  forwardOnly: true,
  steps: [
    call('return-money', paymentsContract.commands.cancelPayment, { input: ({ orderId }) => ({ orderId }) }),
    call('return-goods', inventoryContract.commands.releaseStock, { input: ({ orderId }) => ({ orderId }) }),
    local('mark-cancelled', MarkCancelled),
  ],
});
