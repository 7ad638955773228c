import { defineContext } from '@banyan/kernel/context';
import { EventStore, eventStoreMigrations } from '@banyan/kernel/event-store';
import { paymentsContract } from '../contract/index.js';
import { AuthorizePayment } from './authorize-payment.js';
import { CancelPayment } from './cancel-payment.js';
import { cancellation } from './cancellation.saga.js';
import { CapturePayment } from './capture-payment.js';
import { CardProcessor } from './card-processor/card-processor.js';
import { chosenCardProcessor } from './card-processor/choose-card-processor.js';
import { Cashier } from './cashier.js';
import { CreditCustomer } from './credit-customer.js';
import { CreditNoteRepository } from './credit-note.repository.js';
import { FindPayment } from './find-payment.js';
import { chosenLedger } from './ledger/choose-ledger.js';
import { LedgerController } from './ledger/ledger.controller.js';
import { initial } from './migrations/0001-initial.js';
import { ledgerAsStreams } from './migrations/0002-ledger-as-streams.js';
import { PaymentBook } from './payment-book.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentsController } from './payments.controller.js';
import { refund } from './refund.saga.js';
import { RequestRefund } from './request-refund.js';
import { SettleCancellation } from './settle-cancellation.js';
import { SettleRefund } from './settle-refund.js';
import { paymentsComparison } from './payments.comparison.js';
import { paymentsSettings } from './payments-settings.js';

/** The money of orders: asked for, taken, given back, and booked. */
export const payments = defineContext({
  name: 'payments',
  owner: 'team-money',
  contract: paymentsContract,
  calls: [],
  listensTo: [],
  settings: paymentsSettings,
  entities: [],
  migrations: [initial, ...eventStoreMigrations, ledgerAsStreams],
  handlers: [AuthorizePayment, CapturePayment, CancelPayment, SettleCancellation, SettleRefund, CreditCustomer],
  sagas: [refund, cancellation],
  asks: [CardProcessor],
  personal: [],
  comparison: paymentsComparison,
  controllers: [LedgerController, PaymentsController],
  providers: [PaymentRepository, CreditNoteRepository, EventStore, chosenLedger, PaymentBook, chosenCardProcessor, Cashier, FindPayment, RequestRefund],
});
