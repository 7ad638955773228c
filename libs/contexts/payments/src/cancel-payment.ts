import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { Sagas } from '@banyan/kernel/saga';
import { money } from '@banyan/kernel/words';
import { ProcessorAway, ProcessorTimeout, paymentsContract } from '../contract/index.js';
import { cancellation } from './cancellation.saga.js';
import { Cashier } from './cashier.js';
import { type Payment, capturedOf } from './payment.js';
import { PaymentBook } from './payment-book.js';
import { cancel, closeOrder } from './payment-decisions.js';
import { PaymentRepository } from './payment.repository.js';

const { cancelPayment } = paymentsContract.commands;

/**
 * Undoes an order's payment. That it is cancelled is stored first, and decides every race from then on: whatever
 * authorisation or capture is under way is asked for its outcome, and then undone.
 */
@Handles(cancelPayment, { transaction: 'own' })
export class CancelPayment {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    private readonly book: PaymentBook,
    private readonly cashier: Cashier,
    private readonly sagas: Sagas,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  async run({ orderId }: InputOf<typeof cancelPayment>): Promise<OutputOf<typeof cancelPayment>> {
    const cancelled = await this.database.transaction(async () => {
      const { isNew, payment } = await this.book.open(closeOrder(this.ids.next('payment'), orderId, this.clock.now()));
      return isNew ? payment : this.book.record(cancel(payment));
    });
    return { refunded: money(capturedOf(await this.giveBack(cancelled))) };
  }

  /** Where the processor is away, a saga goes on trying; only a capture whose outcome nobody knows keeps the caller waiting. */
  private async giveBack(payment: Payment): Promise<Payment> {
    try {
      return await this.cashier.finish(payment);
    } catch (error) {
      if (!(error instanceof ProcessorTimeout || error instanceof ProcessorAway)) throw error;
      const stands = await this.payments.find(payment.id);
      if (!stands || stands.state.is === 'capturing') throw error;
      await this.database.transaction(() => this.sagas.start(cancellation, payment.id, { orderId: payment.orderId }));
      return stands;
    }
  }
}
