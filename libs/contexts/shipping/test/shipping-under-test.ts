import { randomUUID } from 'node:crypto';
import type { InputOf } from '@banyan/kernel/contract';
import { type ContextUnderTest, type TestResponse, contextUnderTest, neighbour } from '@banyan/kernel/testing';
import { orderingContract } from '@banyan/ordering/contract';
import { shipping } from '../index.js';

const { orderConfirmed } = orderingContract.events;
type Notice = InputOf<typeof orderingContract.commands.noteShipment>;

export const staff = { id: randomUUID(), roles: ['staff'] };
export const parcel = { carrier: 'Royal Mail', trackingNumber: 'RM-1' };

/** Shipping alone; ordering is played and remembers what it was told. */
export class ShippingUnderTest {
  readonly told: Notice[] = [];
  /** What ordering does before it takes a notice: fail, for example. */
  whenTold: (notice: Notice) => Promise<void> = async () => undefined;
  ctx!: ContextUnderTest;

  static async open(): Promise<ShippingUnderTest> {
    const bench = new ShippingUnderTest();
    const ordering = neighbour(orderingContract, {
      noteShipment: async (notice) => {
        await bench.whenTold(notice);
        bench.told.push(notice);
        return {};
      },
    });
    bench.ctx = await contextUnderTest(shipping, { neighbours: [ordering], sagas: { firstPauseMs: 5, longestPauseMs: 50, pollMs: 50 } });
    return bench;
  }

  /** Lets ordering confirm an order. */
  async confirmed({ customerId = randomUUID() as string } = {}): Promise<{ orderId: string; customerId: string }> {
    const order = { orderId: randomUUID() as string, customerId };
    const price = { amount: 500, currency: 'GBP' as const };
    await this.ctx.announce(orderConfirmed({
      ...order, placedAt: '2011-01-04T10:00:00.000Z', confirmedAt: '2011-01-04T10:00:01.000Z', total: price, lines: [{ sku: 'A-1', quantity: 1, unitPrice: price }],
    }));
    return order;
  }

  /** The same, and its shipment. */
  async pending(): Promise<{ id: string; orderId: string; customerId: string }> {
    const order = await this.confirmed();
    await this.ctx.settle();
    return { ...order, id: (await this.ofOrder(order.orderId)).id };
  }

  async ofOrder(orderId: string): Promise<TestResponse['body']> {
    return (await this.ctx.http('GET', `/v1/shipments?orderId=${orderId}`, { as: staff })).body.data[0];
  }

  dispatch(id: string, body: unknown = parcel, key?: string): Promise<TestResponse> {
    return this.ctx.http('POST', `/v1/shipments/${id}/dispatches`, { as: staff, body, ...(key !== undefined && { key }) });
  }

  deliver(id: string): Promise<TestResponse> {
    return this.ctx.http('POST', `/v1/shipments/${id}/deliveries`, { as: staff });
  }
}
