import { Events } from '@banyan/kernel/messaging';
import { Clock } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { orderingContract } from '../contract/index.js';
import { cancelled } from './order.js';
import { OrderRepository } from './orders.repository.js';

/** Last step of the cancellation saga. */
@Injectable()
export class MarkCancelled {
  constructor(private readonly orders: OrderRepository, private readonly events: Events, private readonly clock: Clock) {}

  async run({ orderId }: { orderId: string }): Promise<void> {
    const order = cancelled(await this.orders.lockExisting(orderId), this.clock.now());
    await this.orders.update(order);
    this.events.announce(orderingContract.events.orderCancelled({
      orderId, customerId: order.customerId, reason: order.reason ?? { code: 'cancelled', message: 'Cancelled.' },
    }));
  }
}
