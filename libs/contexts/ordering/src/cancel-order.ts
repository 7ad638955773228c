import { NotFound } from '@banyan/kernel/contract';
import { Events } from '@banyan/kernel/messaging';
import { Clock, type Principal } from '@banyan/kernel/runtime';
import { Sagas } from '@banyan/kernel/saga';
import { Injectable } from '@nestjs/common';
import { orderingContract } from '../contract/index.js';
import { cancellation } from './cancellation.saga.js';
import { maySee } from './get-order.js';
import { type Order, requestCancellation } from './order.js';
import { OrderRepository } from './orders.repository.js';

/**
 * Asks for an order to be cancelled. While it is pending, the checkout notices the wish at its confirm step and
 * turns back; once it is confirmed, a saga of its own returns money and goods. The row lock decides which.
 */
@Injectable()
export class CancelOrder {
  constructor(
    private readonly orders: OrderRepository,
    private readonly sagas: Sagas,
    private readonly events: Events,
    private readonly clock: Clock,
  ) {}

  /** @throws NotFound, OrderNotCancellable */
  async run(id: string, reason: string, caller: Principal): Promise<Order> {
    const order = await this.orders.lock(id);
    if (!order || !maySee(order, caller)) throw new NotFound(`There is no order ${id}.`);
    const wished = requestCancellation(order, reason, this.clock.now());
    if (wished === order) return order;
    await this.orders.update(wished);
    this.events.announce(orderingContract.events.orderCancellationRequested({ orderId: id }));
    if (wished.status === 'confirmed') await this.sagas.start(cancellation, id, { orderId: id });
    return wished;
  }
}
