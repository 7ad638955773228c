import type { EventEnvelope, PayloadOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { paymentsContract } from '@banyan/payments/contract';
import { utcDate } from './note-orders.js';
import { OrderReportRepository } from './order-report.repository.js';
import { SalesRepository } from './sales.repository.js';

const { paymentAuthorized, paymentDeclined, paymentCaptured, paymentRefunded, paymentVoided } = paymentsContract.events;

@Handles(paymentAuthorized)
export class NotePaymentAuthorized {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId, paymentId, amount }: PayloadOf<typeof paymentAuthorized>): Promise<void> {
    await this.reports.notePayment({ orderId, paymentId, status: 'authorized', authorized: amount.amount });
  }
}

@Handles(paymentDeclined)
export class NotePaymentDeclined {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId, paymentId }: PayloadOf<typeof paymentDeclined>): Promise<void> {
    await this.reports.notePayment({ orderId, paymentId, status: 'declined' });
  }
}

@Handles(paymentCaptured)
export class NotePaymentCaptured {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId, paymentId, amount }: PayloadOf<typeof paymentCaptured>): Promise<void> {
    await this.reports.notePayment({ orderId, paymentId, status: 'captured', captured: amount.amount });
  }
}

@Handles(paymentRefunded)
export class NotePaymentRefunded {
  constructor(private readonly reports: OrderReportRepository, private readonly sales: SalesRepository) {}

  async run({ orderId, paymentId, amount, refundedAt }: PayloadOf<typeof paymentRefunded>, envelope: EventEnvelope): Promise<void> {
    await this.reports.notePayment({ orderId, paymentId, status: 'refunded', refunded: amount.amount });
    await this.sales.noteRefund({ factId: envelope.eventId, bookedOn: utcDate(refundedAt), amount: amount.amount });
  }
}

@Handles(paymentVoided)
export class NotePaymentVoided {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId, paymentId }: PayloadOf<typeof paymentVoided>): Promise<void> {
    await this.reports.notePayment({ orderId, paymentId, status: 'voided' });
  }
}
