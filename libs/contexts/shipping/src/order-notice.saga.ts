import { idSchema } from '@banyan/kernel/contract';
import { call, defineSaga } from '@banyan/kernel/saga';
import { orderingContract } from '@banyan/ordering/contract';
import { z } from 'zod';

const notice = z.strictObject({ orderId: idSchema, is: z.enum(['shipped', 'delivered']) });

/** Tells ordering how far the goods are, for as long as it takes: they are gone, and nobody can refuse that. */
export const orderNotice = defineSaga('order-notice', 1, notice, {
  forwardOnly: true,
  steps: [
    call('tell-ordering', orderingContract.commands.noteShipment, { input: (state) => state }),
  ],
});
