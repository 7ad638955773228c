import { identityContract } from '@banyan/identity/contract';
import type { PayloadOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { Sagas } from '@banyan/kernel/saga';
import { delivery } from './delivery.saga.js';
import { NotificationRepository } from './notification.repository.js';
import { RecipientRepository } from './recipient.repository.js';

const { userRegistered } = identityContract.events;

/** Enters an address, and sends what has waited for it: a first order may be heard of before its customer. */
@Handles(userRegistered)
export class NoteUser {
  constructor(
    private readonly recipients: RecipientRepository,
    private readonly notifications: NotificationRepository,
    private readonly sagas: Sagas,
  ) {}

  async run({ userId, name, email }: PayloadOf<typeof userRegistered>): Promise<void> {
    await this.recipients.enter(userId, { name, email });
    for (const id of await this.notifications.queueWaiting(userId)) await this.sagas.start(delivery, id, { notificationId: id });
  }
}
