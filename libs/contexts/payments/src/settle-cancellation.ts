import { type InputOf, NotFound, type OutputOf } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { paymentsContract } from '../contract/index.js';
import { Cashier } from './cashier.js';
import { PaymentRepository } from './payment.repository.js';

const { settleCancellation } = paymentsContract.commands;

/** Carries a cancellation through; the payment itself says what is left to do. */
@Handles(settleCancellation, { transaction: 'own' })
export class SettleCancellation {
  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    private readonly cashier: Cashier,
  ) {}

  async run({ orderId }: InputOf<typeof settleCancellation>): Promise<OutputOf<typeof settleCancellation>> {
    const payment = await this.database.transaction(() => this.payments.lockOfOrder(orderId));
    if (!payment?.isCancelled) throw new NotFound(`The order ${orderId} has no cancelled payment.`, { orderId });
    await this.cashier.finish(payment);
    return {};
  }
}
