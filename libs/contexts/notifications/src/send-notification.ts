import { type InputOf, NotFound, type OutputOf } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { Clock, checkDeadline, remainingMs } from '@banyan/kernel/runtime';
import { Logger } from '@nestjs/common';
import { MailerAway, notificationsContract } from '../contract/index.js';
import { type Recipient, addressed, write } from './letter.js';
import { type MailAnswer, Mailer } from './mailer/mailer.js';
import type { Notification } from './notification.js';
import { NotificationRepository } from './notification.repository.js';
import { RecipientRepository } from './recipient.repository.js';

const { sendNotification } = notificationsContract.commands;

const LONGEST_WAIT_MS = 10_000;
/** Of the attempt's time, what is left to record the answer. */
const RESERVE_MS = 500;
/** RFC 5321, 4.5.4.1: whoever sends mail goes on trying for at least four or five days. */
const GIVE_UP_AFTER_MS = 5 * 24 * 3_600_000;

/**
 * Sends a notification by mail. The attempt is counted before it begins and no lock or transaction is open while the
 * mail server thinks. When this process dies in between, or the answer is lost, the notification is still queued and
 * the same mail goes out again, with the same Message-ID: at least once, and as a rule once.
 */
@Handles(sendNotification, { transaction: 'own' })
export class SendNotification {
  private readonly log = new Logger(SendNotification.name);

  constructor(
    private readonly database: Database,
    private readonly notifications: NotificationRepository,
    private readonly recipients: RecipientRepository,
    private readonly mailer: Mailer,
    private readonly clock: Clock,
  ) {}

  async run({ notificationId }: InputOf<typeof sendNotification>): Promise<OutputOf<typeof sendNotification>> {
    const due = await this.database.transaction(() => this.begin(notificationId));
    if (!due) return {};
    const answer = await this.post(due.notification, due.recipient);
    await this.record(notificationId, answer);
    return {};
  }

  /** Undefined when there is nothing to send any more. */
  private async begin(id: string): Promise<{ readonly notification: Notification; readonly recipient: Recipient } | undefined> {
    const notification = await this.notifications.lock(id);
    if (!notification) throw new NotFound(`There is no notification ${id}.`, { notificationId: id });
    if (notification.status !== 'queued') return undefined;
    const recipient = await this.recipients.find(notification.customerId);
    if (!recipient) {
      await this.notifications.markFailed(id, 'The address was erased.');
      return undefined;
    }
    await this.notifications.countAttempt(id);
    return { notification, recipient };
  }

  /** @throws MailerAway while it is worth another attempt */
  private async post(notification: Notification, to: Recipient): Promise<MailAnswer> {
    checkDeadline('the mail server was asked');
    const timeoutMs = Math.min(LONGEST_WAIT_MS, Math.max(1, Math.floor(remainingMs()) - RESERVE_MS));
    try {
      return await this.mailer.send({ ...addressed(write(notification), to), id: notification.id, to, writtenAt: notification.notedAt }, timeoutMs);
    } catch (error) {
      const isOld = this.clock.now().getTime() - notification.notedAt.getTime() > GIVE_UP_AFTER_MS;
      if (!(error instanceof MailerAway) || !isOld) throw error;
      return { is: 'refused', code: String(error.details['reply'] ?? error.code) };
    }
  }

  private async record(id: string, answer: MailAnswer): Promise<void> {
    if (answer.is === 'accepted') return this.notifications.markSent(id, this.clock.now());
    await this.notifications.markFailed(id, answer.code);
    this.log.warn(`The notification ${id} cannot be sent: the mail server answered ${answer.code}.`);
  }
}
