import { type InputOf, NotFound, type OutputOf } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { Logger } from '@nestjs/common';
import { paymentsContract } from '../contract/index.js';
import { Cashier } from './cashier.js';
import type { Payment } from './payment.js';
import { PaymentRepository } from './payment.repository.js';
import { operations, refundKey } from './processor-operation.js';

const { settleRefund } = paymentsContract.commands;

/** Pays a requested refund out, unless a cancellation has done so already. */
@Handles(settleRefund, { transaction: 'own' })
export class SettleRefund {
  private readonly log = new Logger(SettleRefund.name);

  constructor(
    private readonly database: Database,
    private readonly payments: PaymentRepository,
    private readonly cashier: Cashier,
  ) {}

  async run({ refundId }: InputOf<typeof settleRefund>): Promise<OutputOf<typeof settleRefund>> {
    const payment = await this.database.transaction(() => this.paymentOf(refundId));
    if (!payment) throw new NotFound(`There is no refund ${refundId}.`, { refundId });
    const operation = operations(payment).find((it) => it.key === refundKey(refundId));
    if (!operation) return {};

    const { answer } = await this.cashier.carryOut(payment, operation);
    if (answer.is === 'refused') this.log.warn(`The card processor refused the refund ${refundId} (${answer.code}); its amount can be refunded anew.`);
    return {};
  }

  private async paymentOf(refundId: string): Promise<Payment | undefined> {
    const paymentId = await this.payments.paymentOfRefund(refundId);
    return paymentId === undefined ? undefined : this.payments.lock(paymentId);
  }
}
