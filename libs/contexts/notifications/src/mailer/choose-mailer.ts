import type { FactoryProvider } from '@nestjs/common';
import { NotificationsSettings } from '../notifications-settings.js';
import { FolderMailer } from './folder-mailer.js';
import { Mailer } from './mailer.js';
import { SmtpMailer } from './smtp-mailer.js';

/** The one place that decides who carries mail. */
export const chosenMailer: FactoryProvider<Mailer> = {
  provide: Mailer,
  inject: [NotificationsSettings],
  useFactory: ({ smtpUrl, folder, from }: NotificationsSettings) =>
    (smtpUrl === undefined ? new FolderMailer(folder, from) : new SmtpMailer(smtpUrl, from)),
};
