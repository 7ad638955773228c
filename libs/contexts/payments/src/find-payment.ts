import { NotFound } from '@banyan/kernel/contract';
import type { Principal } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import type { Payment } from './payment.js';
import { maySee } from './payment-view.js';
import { PaymentRepository } from './payment.repository.js';

/** Finds a payment for somebody who may see it: its customer, or staff. */
@Injectable()
export class FindPayment {
  constructor(private readonly payments: PaymentRepository) {}

  /** @throws NotFound also for another customer's payment, so that nothing is given away */
  async run(id: string, reader: Principal): Promise<Payment> {
    const payment = await this.payments.find(id);
    if (!payment || !maySee(payment, reader)) throw new NotFound(`There is no payment ${id}.`);
    return payment;
  }
}
