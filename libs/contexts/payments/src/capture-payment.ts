import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { PaymentNotAuthorized, paymentsContract } from '../contract/index.js';
import { Cashier } from './cashier.js';
import { PaymentBook } from './payment-book.js';
import { requestCapture } from './payment-decisions.js';
import { PaymentRepository } from './payment.repository.js';

const { capturePayment } = paymentsContract.commands;

/** Takes the authorised money. That it is being taken is stored before the processor is asked. */
@Handles(capturePayment, { transaction: 'own' })
export class CapturePayment {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    private readonly book: PaymentBook,
    private readonly cashier: Cashier,
  ) {}

  async run({ orderId }: InputOf<typeof capturePayment>): Promise<OutputOf<typeof capturePayment>> {
    const requested = await this.database.transaction(async () => {
      const payment = await this.payments.lockOfOrder(orderId);
      if (!payment) throw new PaymentNotAuthorized(`The order ${orderId} has no payment: there is nothing to capture.`, { orderId });
      return this.book.record(requestCapture(payment));
    });
    const payment = requested.isCancelled ? requested : await this.cashier.finish(requested);
    return { is: payment.isCancelled ? 'cancelled' : 'captured', paymentId: payment.id };
  }
}
