import { catalogContract } from '@banyan/catalog/contract';
import { inventoryContract } from '@banyan/inventory/contract';
import { defineContext } from '@banyan/kernel/context';
import { paymentsContract } from '@banyan/payments/contract';
import { orderingContract } from '../contract/index.js';
import { CancelOrder } from './cancel-order.js';
import { cancellation } from './cancellation.saga.js';
import { checkout } from './checkout.saga.js';
import { creditNoteSaga } from './credit-note.saga.js';
import { CreditNoteRepository } from './credit-notes.repository.js';
import { CreditNotesController } from './credit-notes.controller.js';
import { GetOrder } from './get-order.js';
import { IssueCreditNote } from './issue-credit-note.js';
import { initial } from './migrations/0001-initial.js';
import { shippedAndDelivered } from './migrations/0002-shipped-and-delivered.js';
import { statusesChecked } from './migrations/0003-statuses-checked.js';
import { NoteShipment } from './note-shipment.js';
import { OrderRepository } from './orders.repository.js';
import { OrdersController } from './orders.controller.js';
import { OrderStream } from './order-stream.js';
import { OrderStreamController } from './order-stream.controller.js';
import { PlaceOrder } from './place-order.js';
import { PricedLines } from './priced-lines.js';
import { orderingSettings } from './ordering-settings.js';

/** Orders and credit notes: takes them in and orchestrates goods and money around them. */
export const ordering = defineContext({
  name: 'ordering',
  owner: 'team-orders',
  contract: orderingContract,
  calls: [catalogContract, inventoryContract, paymentsContract],
  listensTo: [],
  settings: orderingSettings,
  entities: [],
  personal: [],
  migrations: [initial, shippedAndDelivered, statusesChecked],
  handlers: [NoteShipment],
  sagas: [checkout, cancellation, creditNoteSaga],
  controllers: [OrdersController, OrderStreamController, CreditNotesController],
  providers: [OrderRepository, CreditNoteRepository, PricedLines, PlaceOrder, GetOrder, CancelOrder, IssueCreditNote, OrderStream],
});
