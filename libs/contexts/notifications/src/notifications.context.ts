import { identityContract } from '@banyan/identity/contract';
import { defineContext } from '@banyan/kernel/context';
import { orderingContract } from '@banyan/ordering/contract';
import { shippingContract } from '@banyan/shipping/contract';
import { notificationsContract } from '../contract/index.js';
import { delivery } from './delivery.saga.js';
import { chosenMailer } from './mailer/choose-mailer.js';
import { initial } from './migrations/0001-initial.js';
import { NoteUser } from './note-user.js';
import { NotificationRepository } from './notification.repository.js';
import { NotificationsController } from './notifications.controller.js';
import { Notify } from './notify.js';
import { RecipientRepository } from './recipient.repository.js';
import { SendNotification } from './send-notification.js';
import { TellOfCancellation, TellOfConfirmation, TellOfDispatch, TellOfRejection } from './tell-customers.js';
import { notificationsSettings } from './notifications-settings.js';

const { orderConfirmed, orderRejected, orderCancelled } = orderingContract.events;

/** Tells customers by mail what becomes of their orders. */
export const notifications = defineContext({
  name: 'notifications',
  owner: 'team-delivery',
  contract: notificationsContract,
  calls: [],
  listensTo: [identityContract.events.userRegistered, orderConfirmed, orderRejected, orderCancelled, shippingContract.events.shipmentDispatched],
  settings: notificationsSettings,
  entities: [],
  migrations: [initial],
  handlers: [SendNotification, NoteUser, TellOfConfirmation, TellOfRejection, TellOfCancellation, TellOfDispatch],
  sagas: [delivery],
  controllers: [NotificationsController],
  providers: [RecipientRepository, NotificationRepository, Notify, chosenMailer],
});
