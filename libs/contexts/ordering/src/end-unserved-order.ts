import { Events } from '@banyan/kernel/messaging';
import { Clock } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { orderingContract } from '../contract/index.js';
import { type Reason, endUnserved } from './order.js';
import { OrderRepository } from './orders.repository.js';

const { orderRejected, orderCancelled } = orderingContract.events;

/** Ends an order whose checkout was turned back. */
@Injectable()
export class EndUnservedOrder {
  constructor(private readonly orders: OrderRepository, private readonly events: Events, private readonly clock: Clock) {}

  async run({ orderId }: { orderId: string }, { reason }: { reason: Reason }): Promise<void> {
    const order = endUnserved(await this.orders.lockExisting(orderId), { code: reason.code, message: reason.message }, this.clock.now());
    await this.orders.update(order);
    const ended = { orderId, customerId: order.customerId, reason: order.reason ?? reason };
    this.events.announce(order.status === 'cancelled' ? orderCancelled(ended) : orderRejected(ended));
  }
}
