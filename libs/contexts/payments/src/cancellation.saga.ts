import { idSchema } from '@banyan/kernel/contract';
import { call, defineSaga } from '@banyan/kernel/saga';
import { z } from 'zod';
import { paymentsContract } from '../contract/index.js';

/** Gives the money of a cancelled payment back, for as long as the card processor needs to come round. */
export const cancellation = defineSaga('payment-cancellation', 1, z.strictObject({ orderId: idSchema }), {
  forwardOnly: true,
  steps: [
    call('give-back', paymentsContract.commands.settleCancellation, { input: ({ orderId }) => ({ orderId }) }),
  ],
});
