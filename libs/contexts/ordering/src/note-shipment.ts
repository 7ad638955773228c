import { type InputOf, NotFound, type OutputOf } from '@banyan/kernel/contract';
import { Events } from '@banyan/kernel/messaging';
import { Handles } from '@banyan/kernel/rpc';
import { Clock } from '@banyan/kernel/runtime';
import { orderingContract } from '../contract/index.js';
import { type Order, delivered, shipped } from './order.js';
import { OrderRepository } from './orders.repository.js';

const { noteShipment } = orderingContract.commands;
const { orderShipped, orderDelivered } = orderingContract.events;

/** Takes note that the goods of an order have left or arrived. Of a cancellation and this, the order's row lock decides which came first. */
@Handles(noteShipment)
export class NoteShipment {
  constructor(private readonly orders: OrderRepository, private readonly events: Events, private readonly clock: Clock) {}

  async run({ orderId, is }: InputOf<typeof noteShipment>): Promise<OutputOf<typeof noteShipment>> {
    const before = await this.orders.lock(orderId);
    if (!before) throw new NotFound(`There is no order ${orderId}.`, { orderId });
    const now = this.clock.now();
    const after = is === 'shipped' ? shipped(before, now) : delivered(before, now);
    if (after === before) return {};
    await this.orders.update(after);
    this.announce(after, before.history.length);
    return {};
  }

  /** One event for each station that is new: goods that arrive unannounced have left in the same moment. */
  private announce({ id, history }: Order, known: number): void {
    for (const { status } of history.slice(known)) {
      this.events.announce(status === 'shipped' ? orderShipped({ orderId: id }) : orderDelivered({ orderId: id }));
    }
  }
}
