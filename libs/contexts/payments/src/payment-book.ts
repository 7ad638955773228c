import type { EventDraft } from '@banyan/kernel/contract';
import { Events } from '@banyan/kernel/messaging';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { money } from '@banyan/kernel/words';
import { Injectable } from '@nestjs/common';
import { paymentsContract } from '../contract/index.js';
import { bookingOf } from './ledger/booking.js';
import { type Booking, Ledger, type RecordedFact } from './ledger/ledger.js';
import type { Change, Payment, PaymentFact } from './payment.js';
import { PaymentRepository } from './payment.repository.js';
import { utcDay } from './utc-day.js';

const { paymentAuthorized, paymentCaptured, paymentDeclined, paymentRefunded, paymentVoided } = paymentsContract.events;

/**
 * Writes down what was decided about a payment: its row, its history, the books and the announcements, together.
 * All methods run inside the transaction that holds the payment's row.
 */
@Injectable()
export class PaymentBook {
  constructor(
    private readonly payments: PaymentRepository,
    private readonly ledger: Ledger,
    private readonly events: Events,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /**
   * Writes down the first decision about an order's money. Where there is a payment already, nothing is written
   * and that one is locked.
   */
  async open(change: Change): Promise<{ readonly isNew: boolean; readonly payment: Payment }> {
    if (await this.payments.insert(change.payment)) {
      await this.writeFacts(change);
      return { isNew: true, payment: change.payment };
    }
    const payment = await this.payments.lockOfOrder(change.payment.orderId);
    if (!payment) throw new Error(`The order ${change.payment.orderId} has a payment, and has none.`);
    return { isNew: false, payment };
  }

  /** Writes down a decision about a payment whose row is locked. */
  async record(change: Change): Promise<Payment> {
    if (change.before === change.payment) return change.payment;
    const timed = { ...change, payment: { ...change.payment, changedAt: this.instantAfter(change.payment) } };
    await this.payments.update(timed.payment);
    await this.payments.storeRefunds(timed);
    await this.writeFacts(timed);
    return timed.payment;
  }

  private async writeFacts({ payment, facts }: Change): Promise<void> {
    if (facts.length === 0) return;
    const recorded = facts.map((fact, i): RecordedFact => {
      const version = payment.version - facts.length + i + 1;
      return { fact, version, booking: this.booking(payment, fact, version) };
    });
    await this.ledger.record(payment, recorded);
    for (const fact of facts) {
      const announcement = announcementOf(payment, fact);
      if (announcement) this.events.announce(announcement);
    }
  }

  private booking(payment: Payment, fact: PaymentFact, version: number): Booking | undefined {
    const lines = bookingOf(payment, fact);
    if (!lines) return undefined;
    // The version is in the name of the stream, because a repeated command draws the same ids again and may by then be about a later fact.
    return { id: this.ids.next(`booking:${payment.id}:${version}`), lines, valueDate: utcDay(payment.changedAt) };
  }

  /** Not before the last fact: an input that began earlier may have waited for the row while a later one recorded. */
  private instantAfter({ changedAt }: Payment): Date {
    const now = this.clock.now();
    return now > changedAt ? now : changedAt;
  }
}

function announcementOf({ id, orderId, method, changedAt }: Payment, fact: PaymentFact): EventDraft | undefined {
  const about = { paymentId: id, orderId };
  switch (fact.is) {
    case 'authorized': return paymentAuthorized({ ...about, amount: money(fact.amount), method });
    case 'declined': return paymentDeclined({ ...about, code: fact.code, message: fact.message });
    case 'captured': return paymentCaptured({ ...about, amount: money(fact.amount) });
    case 'refunded': return paymentRefunded({ ...about, amount: money(fact.amount), refundedAt: changedAt.toISOString() });
    case 'voided': return paymentVoided(about);
    default: return undefined;
  }
}
