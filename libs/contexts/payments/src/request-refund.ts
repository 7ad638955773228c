import { NotFound } from '@banyan/kernel/contract';
import { Ids } from '@banyan/kernel/runtime';
import { Sagas } from '@banyan/kernel/saga';
import { Injectable } from '@nestjs/common';
import type { Refund } from './payment.js';
import { PaymentBook } from './payment-book.js';
import { requestRefund } from './payment-decisions.js';
import { PaymentRepository } from './payment.repository.js';
import { refund as refundSaga } from './refund.saga.js';

/** Promises a part of a captured payment back; a saga pays it out. Runs in the transaction of the request. */
@Injectable()
export class RequestRefund {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly book: PaymentBook,
    private readonly sagas: Sagas,
    private readonly ids: Ids,
  ) {}

  /**
   * @param amount minor units, more than zero
   * @throws NotFound, RefundExceedsCaptured
   */
  async run(paymentId: string, amount: number): Promise<Refund> {
    const payment = await this.payments.lock(paymentId);
    if (!payment) throw new NotFound(`There is no payment ${paymentId}.`);
    const refund = { id: this.ids.next('refund'), amount };
    await this.book.record(requestRefund(payment, refund));
    await this.sagas.start(refundSaga, refund.id, { refundId: refund.id });
    return refund;
  }
}
