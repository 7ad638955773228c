import { idSchema } from '@banyan/kernel/contract';
import { call, defineSaga } from '@banyan/kernel/saga';
import { z } from 'zod';
import { notificationsContract } from '../contract/index.js';

/** Gets a notification out, for as long as the mail server needs to come round; giving up is the step's own decision. */
export const delivery = defineSaga('delivery', 1, z.strictObject({ notificationId: idSchema }), {
  forwardOnly: true,
  steps: [
    call('send', notificationsContract.commands.sendNotification, { input: (state) => state }),
  ],
});
