import { NotFound, command, defineContract, defineError, idSchema } from '@banyan/kernel/contract';
import { z } from 'zod';

export const MailerAway = defineError({
  code: 'mailer-away', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'The mail server cannot be reached, or does not take this message now. It may have taken it without our hearing of it. Send the same again after a while.',
});

/**
 * Sends a notification by mail, unless that is done or given up already. Mail knows no exactly once: when the server's
 * answer is lost, the same message goes out again, under the same Message-ID.
 */
const sendNotification = command('notifications.send-notification', {
  input: z.strictObject({ notificationId: idSchema }),
  output: z.strictObject({}),
  errors: [NotFound, MailerAway],
});

/** Notifications hears what others announce and writes to customers; the command is what its own saga sends. */
export const notificationsContract = defineContract({
  name: 'notifications',
  commands: { sendNotification },
  queries: {},
  events: {},
});
