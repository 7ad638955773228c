import { defineSettings, isDecodable } from '@banyan/kernel/runtime';
import { z } from 'zod';

/** What the app decides for notifications. */
export abstract class NotificationsSettings {
  /** The address that mail comes from. */
  abstract readonly from: string;
  /** Where mail is handed over: `smtp://` or `smtps://`, with user and password where the server wants them. Secret. */
  abstract readonly smtpUrl?: string;
  /** The folder that mail is put into instead, where there is no server: for development. */
  abstract readonly folder: string;
}

/** Without options behind a question mark: they could turn off what protects the password. */
const smtpUrl = z.url({ protocol: /^smtps?$/, error: 'Has to look like smtp://user:password@host:587.' })
  .refine((url) => /^smtps?:\/\/(?:[^/?#]*@)?[^/?#@]+\/?$/.test(url) && isDecodable(url), 'Has a host, perhaps user and password (percent-encoded) and a port, and nothing else.');

/** The mail server; without one mail is put into `mail` under the data folder, in development only. */
export const notificationsSettings = defineSettings(NotificationsSettings, {
  variables: z.object({ SMTP_URL: smtpUrl.optional(), MAIL_FROM: z.email({ error: 'Has to be an e-mail address.' }).optional() }),
  problems: ({ SMTP_URL, MAIL_FROM }, { production }) =>
    (production && !(SMTP_URL && MAIL_FROM) ? ['SMTP_URL, MAIL_FROM: needed in production; putting mail into a folder is for development.'] : []),
  read: ({ SMTP_URL, MAIL_FROM }, { dataDir }): NotificationsSettings =>
    ({ from: MAIL_FROM ?? 'shop@shop.example', folder: `${dataDir}/mail`, ...(SMTP_URL !== undefined && { smtpUrl: SMTP_URL }) }),
});
