import { Clock, Ids } from '@banyan/kernel/runtime';
import { Sagas } from '@banyan/kernel/saga';
import { Injectable } from '@nestjs/common';
import { delivery } from './delivery.saga.js';
import { type News, mayHaveAddress } from './notification.js';
import { NotificationRepository } from './notification.repository.js';
import { RecipientRepository } from './recipient.repository.js';

/** Notes news for a customer and starts to deliver it, within the transaction of the event that brought it. */
@Injectable()
export class Notify {
  constructor(
    private readonly recipients: RecipientRepository,
    private readonly notifications: NotificationRepository,
    private readonly sagas: Sagas,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /**
   * Costs nothing for customers who cannot have an address. Holds the recipient's row, shared, until the event is done.
   * @param customerId null where the event does not say whose order it was
   */
  async run(event: { eventId: string; customerId: string | null; orderId: string }, news: News): Promise<void> {
    const { customerId } = event;
    if (customerId === null || !mayHaveAddress(customerId)) return;
    const hasAddress = await this.recipients.holdsAddress(customerId);
    const id = this.ids.next('notification');
    const isNew = await this.notifications.add({
      ...event, id, customerId, news,
      status: hasAddress ? 'queued' : 'no-address', attempts: 0, notedAt: this.clock.now(), sentAt: undefined,
    });
    if (isNew && hasAddress) await this.sagas.start(delivery, id, { notificationId: id });
  }
}
