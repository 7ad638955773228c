import { identityContract } from '@banyan/identity/contract';
import { defineContext } from '@banyan/kernel/context';
import { orderingContract } from '@banyan/ordering/contract';
import { paymentsContract } from '@banyan/payments/contract';
import { shippingContract } from '@banyan/shipping/contract';
import { reportingContract } from '../contract/index.js';
import { initial } from './migrations/0001-initial.js';
import { shipments } from './migrations/0002-shipments.js';
import { NoteUser } from './note-user.js';
import {
  NoteCreditNote, NoteOrderCancelled, NoteOrderConfirmed, NoteOrderDelivered, NoteOrderPlaced, NoteOrderRejected, NoteOrderShipped,
} from './note-orders.js';
import { NotePaymentAuthorized, NotePaymentCaptured, NotePaymentDeclined, NotePaymentRefunded, NotePaymentVoided } from './note-payments.js';
import { NoteShipmentDelivered, NoteShipmentDispatched } from './note-shipments.js';
import { OrderReportRepository } from './order-report.repository.js';
import { ReportsController } from './reports.controller.js';
import { SalesRepository } from './sales.repository.js';

const { orderPlaced, orderConfirmed, orderShipped, orderDelivered, orderRejected, orderCancelled, creditNoteIssued } = orderingContract.events;
const { paymentAuthorized, paymentDeclined, paymentCaptured, paymentRefunded, paymentVoided } = paymentsContract.events;
const { shipmentDispatched, shipmentDelivered } = shippingContract.events;

/** Read models for people who ask how business goes, kept by events alone. */
export const reporting = defineContext({
  name: 'reporting',
  owner: 'team-insight',
  contract: reportingContract,
  calls: [],
  listensTo: [
    identityContract.events.userRegistered,
    orderPlaced, orderConfirmed, orderShipped, orderDelivered, orderRejected, orderCancelled, creditNoteIssued,
    paymentAuthorized, paymentDeclined, paymentCaptured, paymentRefunded, paymentVoided,
    shipmentDispatched, shipmentDelivered,
  ],
  entities: [],
  personal: ['name', 'email'],
  migrations: [initial, shipments],
  readModel: ['customer', 'order_report', 'sale', 'refund'],
  handlers: [
    NoteUser,
    NoteOrderPlaced, NoteOrderConfirmed, NoteOrderShipped, NoteOrderDelivered, NoteOrderRejected, NoteOrderCancelled, NoteCreditNote,
    NotePaymentAuthorized, NotePaymentDeclined, NotePaymentCaptured, NotePaymentRefunded, NotePaymentVoided,
    NoteShipmentDispatched, NoteShipmentDelivered,
  ],
  sagas: [],
  controllers: [ReportsController],
  providers: [OrderReportRepository, SalesRepository],
});
