import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientOf } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { type ShadowUnderTest, replayed, shadowUnderTest } from '@banyan/kernel/testing';
import { paymentsContract } from '../contract/index.js';
import { PaymentsSettings, payments } from '../index.js';
import { chosenLedger } from '../src/ledger/choose-ledger.js';
import { type Booking, Ledger, type RecordedFact } from '../src/ledger/ledger.js';
import { TableLedger } from '../src/ledger/tables/table-ledger.js';
import type { Payment } from '../src/payment.js';
import { PaymentRepository } from '../src/payment.repository.js';
import { RequestRefund } from '../src/request-refund.js';
import { key, pounds, someOrder, staff } from './payments-under-test.js';

/** Keeps a penny of every sale and of every credit. */
class GreedyLedger extends TableLedger {
  override async record(payment: Payment, recorded: readonly RecordedFact[]): Promise<void> {
    await super.record(payment, recorded.map((it) => ({ ...it, booking: it.booking && lessAPenny(it.booking) })));
  }

  override async credit(creditNoteId: string, booking: Booking, occurredAt: Date): Promise<void> {
    await super.credit(creditNoteId, lessAPenny(booking), occurredAt);
  }
}

function lessAPenny(booking: Booking): Booking {
  return { ...booking, lines: booking.lines.map(({ account, debit, credit }) => ({ account, debit: Math.max(0, debit - 1), credit: Math.max(0, credit - 1) })) };
}

/** Shows a penny more than was paid. */
class GenerousPayments extends PaymentRepository {
  override async find(id: string): ReturnType<PaymentRepository['find']> {
    const payment = await super.find(id);
    return payment && { ...payment, amount: payment.amount + 1 };
  }
}

/** Promises a penny more than it stores. */
class BoastfulRefund extends RequestRefund {
  override async run(...given: Parameters<RequestRefund['run']>): ReturnType<RequestRefund['run']> {
    const refund = await super.run(...given);
    return { ...refund, amount: refund.amount + 1 };
  }
}

const greedyLedger = { provide: Ledger, inject: [Database], useFactory: (database: Database) => new GreedyLedger(database) };
const wrong = {
  ...payments,
  providers: payments.providers.map((it) => (it === chosenLedger ? greedyLedger : it === PaymentRepository ? { provide: PaymentRepository, useClass: GenerousPayments } : it === RequestRefund ? { provide: RequestRefund, useClass: BoastfulRefund } : it)),
};

describe('findings of a parallel run of payments', () => {
  let both: ShadowUnderTest;
  let pay: ClientOf<typeof paymentsContract>;
  beforeAll(async () => {
    both = await shadowUnderTest(payments, wrong, {
      providers: [{ provide: PaymentsSettings, useValue: { processor: 'test', ledger: 'tables' } }], sagas: { firstPauseMs: 5, longestPauseMs: 50, pollMs: 50 },
    });
    pay = both.context.host.clientOf(paymentsContract);
    await both.begin();
  });
  afterAll(() => both.close());

  it('come with a tape that fails with the wrong code, shows the same difference, and passes with the right code', async () => {
    for (let i = 0; i < 3; i += 1) {
      const order = someOrder();
      const authorized = await pay.authorizePayment(order, key());
      await pay.capturePayment({ orderId: order.orderId }, key());
      if (authorized.is === 'declined') throw new Error('The card should do.');
      await both.context.http('GET', `/v1/payments/${authorized.paymentId}`, { as: staff });
      await both.context.http('POST', `/v1/payments/${authorized.paymentId}/refunds`, { as: staff, body: { amount: pounds(100) } });
      await pay.creditCustomer({ creditNoteId: randomUUID(), customerId: 'guest', amount: pounds(500), issuedAt: '2011-01-04T10:00:00.000Z' }, key());
    }
    const { findings } = await both.report();
    const found = (endpoint: string, field: string) => findings.find((it) => it.endpoint === endpoint && it.field.startsWith(field));
    for (const finding of [found('payments.capture-payment', 'rows/'), found('payments.credit-customer', 'rows/'), found('GET /v1/payments/:id', 'response'), found('POST /v1/payments/:id/refunds', 'response')]) {
      const tape: unknown = JSON.parse(JSON.stringify(finding?.sample['tape']));
      expect((await replayed(wrong, tape)).map(({ output, kind, field }) => ({ output, kind, field }))).toContainEqual({ output: finding?.output, kind: finding?.kind, field: finding?.field });
      expect(await replayed(payments, tape)).toEqual([]);
    }
  }, 60_000);
});
