import { NotFound } from '@banyan/kernel/contract';
import type { Principal } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import type { Order } from './order.js';
import { OrderRepository } from './orders.repository.js';

/** Finds an order for somebody who may see it: its customer, or staff. */
@Injectable()
export class GetOrder {
  constructor(private readonly orders: OrderRepository) {}

  /** @throws NotFound also for another customer's order, so that nothing is given away */
  async run(id: string, caller: Principal): Promise<Order> {
    const order = await this.orders.find(id);
    if (!order || !maySee(order, caller)) throw new NotFound(`There is no order ${id}.`);
    return order;
  }
}

export function maySee(order: Pick<Order, 'customerId'>, caller: Principal): boolean {
  return order.customerId === caller.id || caller.roles.includes('staff');
}
