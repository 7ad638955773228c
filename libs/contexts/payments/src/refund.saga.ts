import { idSchema } from '@banyan/kernel/contract';
import { call, defineSaga } from '@banyan/kernel/saga';
import { z } from 'zod';
import { paymentsContract } from '../contract/index.js';

/** Pays a refund out that staff have promised, for as long as the card processor needs to come round. */
export const refund = defineSaga('refund', 1, z.strictObject({ refundId: idSchema }), {
  forwardOnly: true,
  steps: [
    call('settle', paymentsContract.commands.settleRefund, { input: ({ refundId }) => ({ refundId }) }),
  ],
});
