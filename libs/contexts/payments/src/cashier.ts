import { Database } from '@banyan/kernel/persistence';
import { checkDeadline, remainingMs } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { ProcessorRefused } from '../contract/index.js';
import { CardProcessor, type ProcessorCall } from './card-processor/card-processor.js';
import { type Payment, needsProcessor } from './payment.js';
import { PaymentBook } from './payment-book.js';
import { PaymentRepository } from './payment.repository.js';
import { PaymentsSettings } from './payments-settings.js';
import { type Answer, type Operation, agreed, answered, underWay } from './processor-operation.js';

const DEFAULT_TIMEOUT_MS = 5_000;
/** Of the request's time, what is left to record the answer and to send ours. */
const RESERVE_MS = 250;

/**
 * Stands between payments and the card processor.
 *
 * What is under way is stored before the processor is asked, and no lock or transaction is open while it thinks.
 * When this process dies, or no answer comes, the payment still says what is under way, and whoever meets it next
 * asks again with the same key: the processor does it once. Two who ask at once get the same answer, and the
 * payment's row lock lets the first one record it. That is also how a cancellation overtakes an authorisation or a
 * capture: it learns their outcome by asking for it, and then gives the money back.
 */
@Injectable()
export class Cashier {
  constructor(
    private readonly database: Database,
    private readonly processor: CardProcessor,
    private readonly settings: PaymentsSettings,
    private readonly payments: PaymentRepository,
    private readonly book: PaymentBook,
  ) {}

  /**
   * Carries everything through that is under way for a payment.
   * @throws ProcessorRefused when the processor says no to what must be done
   * @throws ProcessorTimeout, ProcessorAway: everything up to there is recorded, so ask again
   */
  async finish(start: Payment): Promise<Payment> {
    let payment = start;
    for (let operation = underWay(payment); operation; operation = underWay(payment)) {
      const outcome = await this.carryOut(payment, operation);
      payment = outcome.payment;
      const canBeVoidedInstead = operation.is === 'capture' && payment.isCancelled;
      if (outcome.answer.is === 'refused' && !canBeVoidedInstead) throw refused(payment, operation, outcome.answer);
    }
    return payment;
  }

  /** Asks the processor for one thing and records its answer. */
  async carryOut(payment: Payment, operation: Operation): Promise<{ readonly payment: Payment; readonly answer: Answer }> {
    const answer = needsProcessor(payment) ? await this.ask(payment, operation) : agreed(operation);
    const recorded = await this.database.transaction(async () => {
      const locked = await this.payments.lock(payment.id);
      if (!locked) throw new Error(`The payment ${payment.id} is gone.`);
      return this.book.record(answered(locked, operation, answer));
    });
    return { payment: recorded, answer };
  }

  private ask(payment: Payment, operation: Operation): Promise<Answer> {
    const call = this.call(payment, operation);
    switch (operation.is) {
      case 'authorize': {
        const { id, orderId, amount, method } = payment;
        return this.processor.authorize({ paymentId: id, orderId, amount, currency: 'GBP', method }, call);
      }
      case 'capture': return this.processor.capture(operation.authorization, call);
      case 'void': return this.processor.void(operation.authorization, call);
      case 'refund': return this.processor.refund(operation.authorization, operation.refund.amount, call);
    }
  }

  private call(payment: Payment, operation: Operation): ProcessorCall {
    checkDeadline(`the card processor was asked to ${operation.is}`);
    const timeoutMs = Math.min(this.settings.processorTimeoutMs ?? DEFAULT_TIMEOUT_MS, Math.max(1, Math.floor(remainingMs()) - RESERVE_MS));
    return { key: `${payment.id}/${operation.key}`, timeoutMs };
  }
}

function refused({ id }: Payment, operation: Operation, answer: Extract<Answer, { is: 'refused' }>): Error {
  return new ProcessorRefused(
    `The card processor refuses to ${operation.is} payment ${id}: ${answer.message}`,
    { paymentId: id, operation: operation.is, processorCode: answer.code },
  );
}
