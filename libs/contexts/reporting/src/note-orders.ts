import type { PayloadOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { orderingContract } from '@banyan/ordering/contract';
import { OrderReportRepository } from './order-report.repository.js';
import { SalesRepository } from './sales.repository.js';

const { orderPlaced, orderConfirmed, orderShipped, orderDelivered, orderRejected, orderCancelled, creditNoteIssued } = orderingContract.events;

@Handles(orderPlaced)
export class NoteOrderPlaced {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId, customerId, placedAt, total, lines }: PayloadOf<typeof orderPlaced>): Promise<void> {
    await this.reports.noteOrder({ orderId, customerId, placedAt, total: total.amount, units: unitsOf(lines) });
  }
}

/** From here on the order counts as a sale of the day it was placed on. */
@Handles(orderConfirmed)
export class NoteOrderConfirmed {
  constructor(private readonly reports: OrderReportRepository, private readonly sales: SalesRepository) {}

  async run({ orderId, placedAt, total, lines }: PayloadOf<typeof orderConfirmed>): Promise<void> {
    await this.reports.noteStatus(orderId, 'confirmed');
    await this.sales.noteSale({ orderId, soldOn: utcDate(placedAt), units: unitsOf(lines), revenue: total.amount });
  }
}

@Handles(orderShipped)
export class NoteOrderShipped {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId }: PayloadOf<typeof orderShipped>): Promise<void> {
    await this.reports.noteStatus(orderId, 'shipped');
  }
}

@Handles(orderDelivered)
export class NoteOrderDelivered {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId }: PayloadOf<typeof orderDelivered>): Promise<void> {
    await this.reports.noteStatus(orderId, 'delivered');
  }
}

@Handles(orderRejected)
export class NoteOrderRejected {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId }: PayloadOf<typeof orderRejected>): Promise<void> {
    await this.reports.noteStatus(orderId, 'rejected');
  }
}

/** A sale that was confirmed stays one; the money that went back is a refund of its own day. */
@Handles(orderCancelled)
export class NoteOrderCancelled {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId }: PayloadOf<typeof orderCancelled>): Promise<void> {
    await this.reports.noteStatus(orderId, 'cancelled');
  }
}

@Handles(creditNoteIssued)
export class NoteCreditNote {
  constructor(private readonly sales: SalesRepository) {}

  async run({ creditNoteId, issuedAt, total }: PayloadOf<typeof creditNoteIssued>): Promise<void> {
    await this.sales.noteRefund({ factId: creditNoteId, bookedOn: utcDate(issuedAt), amount: total.amount });
  }
}

function unitsOf(lines: readonly { quantity: number }[]): number {
  return lines.reduce((sum, line) => sum + line.quantity, 0);
}

/** The UTC calendar date of an RFC 3339 instant in UTC. */
export function utcDate(instant: string): string {
  return instant.slice(0, 'YYYY-MM-DD'.length);
}
