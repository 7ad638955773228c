import { BanyanError } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { runInput } from '@banyan/kernel/runtime';
import { Chance } from '@banyan/kernel/testing';
import { ON_ACCOUNT } from '../contract/index.js';
import { CreditCustomer } from '../src/credit-customer.js';
import type { Change, Payment } from '../src/payment.js';
import { unchanged } from '../src/payment.js';
import { PaymentBook } from '../src/payment-book.js';
import { cancel, closeOrder, requestCapture, requestPayment, requestRefund } from '../src/payment-decisions.js';
import { PaymentRepository } from '../src/payment.repository.js';
import { type Answer, type Operation, answered, operations } from '../src/processor-operation.js';
import { type PaymentsUnderTest, pounds } from './payments-under-test.js';

const BEGIN = Date.UTC(2026, 0, 31, 23, 59);

/** What happens to one payment, or one credit note: the same for the same seed, ids and instants included. */
export class Story {
  private readonly chance: Chance;
  private inputs = 0;
  private isLong = false;
  private at = BEGIN;
  private readonly name: string;

  constructor(private readonly bench: PaymentsUnderTest, seed: number, private readonly n: number, private readonly bookOf: () => PaymentBook = () => bench.ctx.get(PaymentBook)) {
    this.name = `story ${seed}/${n}`;
    this.chance = new Chance(this.name);
  }

  /**
   * @param isLong the customer pays, never cancels, and wants a little back again and again
   * @returns the id of the payment
   */
  async begin(isLong = false): Promise<string> {
    this.isLong = isLong;
    const [id, orderId] = [this.uuid('b'), this.uuid('c')];
    const method = this.chance.below(3) === 0 ? ON_ACCOUNT : 'test-card';
    const wish = { id, orderId, customerId: this.uuid('d'), method, amount: isLong ? 100_000 : this.chance.below(100_000) * Math.sign(this.chance.below(12)) };
    const isClosed = !isLong && this.chance.below(15) === 0;
    await this.input(() => this.bookOf().open(isClosed ? closeOrder(id, orderId, new Date(this.at)) : requestPayment(wish, new Date(this.at))));
    return id;
  }

  /** Decides something about the payment that may be decided now, or nothing. */
  async goOn(id: string): Promise<void> {
    await this.input(async () => {
      const payment = await this.bench.ctx.get(PaymentRepository).lock(id);
      if (!payment) throw new Error(`The payment ${id} is gone.`);
      await this.bookOf().record(this.decide(payment));
    });
  }

  async credit(): Promise<void> {
    const issuedAt = new Date(BEGIN - this.chance.below(10 * 86_400_000)).toISOString();
    await this.input(() => this.bench.ctx.get(CreditCustomer).run({ creditNoteId: this.uuid('e'), customerId: 'guest', amount: pounds(this.chance.below(5_000)), issuedAt }));
  }

  private decide(payment: Payment): Change {
    const waiting = operations(payment);
    const operation = waiting[this.chance.below(waiting.length)];
    if (operation && this.chance.below(10) < 7) return answered(payment, operation, this.answer(operation));
    try {
      switch (this.chance.below(7)) {
        case 0: return this.isLong ? unchanged(payment) : cancel(payment);
        case 1: case 2: return requestCapture(payment);
        default: return requestRefund(payment, { id: this.uuid('f'), amount: 1 + this.chance.below(Math.max(1, Math.floor(payment.amount / 40))) });
      }
    } catch (error) {
      if (error instanceof BanyanError) return unchanged(payment);
      throw error;
    }
  }

  private answer({ is }: Operation): Answer {
    const isYes = this.chance.below(5) > 0 || (this.isLong && is !== 'refund');
    if (is === 'authorize') return isYes ? { is: 'authorized', authorization: 'auth' } : { is: 'declined', code: 'card-declined', message: 'No.' };
    return isYes ? { is: 'done' } : { is: 'refused', code: 'not-now', message: 'No.' };
  }

  /** One input in a transaction; its instant may be that of the one before, or even earlier. */
  private input<T>(work: () => Promise<T>): Promise<T> {
    this.inputs += 1;
    this.at += (this.chance.below(10) - 2) * 997;
    const { ctx } = this.bench;
    return runInput({ context: 'payments', inputId: `${this.name}/${this.inputs}`, at: new Date(this.at) }, () => ctx.get(Database).transaction(work));
  }

  private uuid(kind: string): string {
    const digits = `${this.n.toString(16).padStart(6, '0')}${this.inputs.toString(16).padStart(6, '0')}`;
    return `0000000${kind}-0000-7000-8000-${digits}`;
  }
}
