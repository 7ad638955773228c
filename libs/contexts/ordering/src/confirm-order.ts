import { Events } from '@banyan/kernel/messaging';
import { Clock } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { orderingContract } from '../contract/index.js';
import { CancelledByCustomer } from './errors.js';
import { confirm } from './order.js';
import { OrderRepository } from './orders.repository.js';

/** The checkout's point of no return. */
@Injectable()
export class ConfirmOrder {
  constructor(private readonly orders: OrderRepository, private readonly events: Events, private readonly clock: Clock) {}

  /** @throws CancelledByCustomer when the customer was quicker: the row lock decides */
  async run({ orderId }: { orderId: string }): Promise<void> {
    const order = await this.orders.lockExisting(orderId);
    if (order.cancellation) throw new CancelledByCustomer(order.cancellation.message);
    const now = this.clock.now();
    await this.orders.update(confirm(order, now));
    this.events.announce(orderingContract.events.orderConfirmed({
      orderId, customerId: order.customerId, placedAt: order.placedAt.toISOString(), confirmedAt: now.toISOString(),
      lines: [...order.lines], total: order.total,
    }));
  }
}
