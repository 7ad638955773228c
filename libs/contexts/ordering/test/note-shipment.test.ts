import { randomUUID } from 'node:crypto';
import { catalogContract } from '@banyan/catalog/contract';
import { inventoryContract } from '@banyan/inventory/contract';
import { type ClientOf, NotFound, readPayload } from '@banyan/kernel/contract';
import { Chance, type ContextUnderTest, contextUnderTest, neighbour, newSeed, scenario } from '@banyan/kernel/testing';
import { paymentsContract } from '@banyan/payments/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { OrderNotConfirmed, orderingContract } from '../contract/index.js';
import { OrderingSettings, ordering } from '../index.js';
import { OrderStream } from '../src/order-stream.js';

const { orderShipped, orderDelivered, orderCancelled, orderRejected } = orderingContract.events;
const customer = { id: randomUUID(), roles: ['customer'] };
const gbp = (amount: number) => ({ amount, currency: 'GBP' as const });

/** A world in which everything goes well, unless somebody pays with "no". */
const world = [
  neighbour(catalogContract, {
    priceProducts: ({ skus }) => ({ products: skus.map((sku: string) => ({ sku, name: sku, price: gbp(100) })), unknown: [] }),
  }),
  neighbour(inventoryContract, {
    reserveStock: () => ({}), takeStock: () => ({ is: 'taken' as const }), releaseStock: () => ({}), returnStock: () => ({}),
  }),
  neighbour(paymentsContract, {
    authorizePayment: ({ method }) => (method === 'no'
      ? { is: 'declined' as const, paymentId: randomUUID(), code: 'card-declined', message: 'No.' }
      : { is: 'authorized' as const, paymentId: randomUUID() }),
    capturePayment: () => ({ is: 'captured' as const, paymentId: randomUUID() }),
    cancelPayment: () => ({ refunded: gbp(0) }), settleRefund: () => ({}), settleCancellation: () => ({}), creditCustomer: () => ({}),
  }),
];

let context: ContextUnderTest;
let orders: ClientOf<typeof orderingContract>;
beforeAll(async () => {
  context = await contextUnderTest(ordering, {
    neighbours: world,
    providers: [{ provide: OrderingSettings, useValue: { defaultPaymentMethod: 'test-card' } satisfies OrderingSettings }],
  });
  orders = context.host.clientOf(orderingContract);
});
afterAll(async () => { await context.close(); });

async function placed(method = 'test-card'): Promise<string> {
  const { body } = await context.http('POST', '/v1/orders', { as: customer, body: { lines: [{ sku: 'A', quantity: 2 }], payment: { method } } });
  await context.settle();
  return body.id;
}
const tell = (orderId: string, is: 'shipped' | 'delivered') => orders.noteShipment({ orderId, is }, { idempotencyKey: randomUUID() });
const show = async (id: string) => (await context.http('GET', `/v1/orders/${id}`, { as: customer })).body;
const stationsOf = async (id: string) => (await show(id)).history.map((it: { status: string }) => it.status);
const cancel = (id: string) => context.http('POST', `/v1/orders/${id}/cancellations`, { as: customer, body: { reason: 'Too big.' } });

describe('news of a shipment', () => {
  it('moves the order to shipped, then delivered, and is announced once however often it is told', async () => {
    const orderId = await placed();
    await scenario(context)
      .when(() => tell(orderId, 'shipped'))
      .when(() => tell(orderId, 'shipped'))
      .when(() => tell(orderId, 'delivered'))
      .when(() => tell(orderId, 'delivered'))
      .when(() => tell(orderId, 'shipped'))
      .expectEvent(orderShipped, { orderId })
      .expectEvent(orderDelivered, { orderId })
      .within('10s');
    await context.settle();
    expect(await show(orderId)).toMatchObject({ status: 'delivered' });
    expect(await stationsOf(orderId)).toEqual(['pending', 'confirmed', 'shipped', 'delivered']);
    expect([orderShipped, orderDelivered].map((event) => context.announced(event).filter((it) => it.orderId === orderId).length)).toEqual([1, 1]);
  });

  it('that the goods arrived includes that they left', async () => {
    const orderId = await placed();
    await tell(orderId, 'delivered');
    expect(await stationsOf(orderId)).toEqual(['pending', 'confirmed', 'shipped', 'delivered']);
    await scenario(context).when(async () => undefined).expectEvent(orderShipped, { orderId }).expectEvent(orderDelivered, { orderId }).within('10s');
  });

  it('is refused for an order that was rejected, and for one that is not there', async () => {
    const orderId = await placed('no');
    await expect(tell(orderId, 'shipped')).rejects.toThrow(OrderNotConfirmed);
    await expect(tell(randomUUID(), 'shipped')).rejects.toThrow(NotFound);
    expect(await show(orderId)).toMatchObject({ status: 'rejected' });
  });
});

describe('a shipped order', () => {
  it.each(['shipped', 'delivered'] as const)('cannot be cancelled once it is %s', async (is) => {
    const orderId = await placed();
    await tell(orderId, is);
    expect(await cancel(orderId)).toMatchObject({ status: 409, body: { code: 'order-not-cancellable', detail: expect.stringContaining(is) } });
    expect(await show(orderId)).toMatchObject({ status: is });
  });

  it('is found by its status', async () => {
    const orderId = await placed();
    await tell(orderId, 'shipped');
    const { body } = await context.http('GET', '/v1/orders?status=shipped', { as: customer });
    expect(body.data.map((it: { id: string }) => it.id)).toContain(orderId);
  });

  it('ends its event stream with the delivery', async () => {
    const orderId = await placed();
    await tell(orderId, 'delivered');
    const stations = await context.input(() => lastValueFrom(context.get(OrderStream).follow(orderId, 0).pipe(toArray())));
    expect(stations.map(({ number, entry }) => `${number} ${entry.status}`)).toEqual(['1 pending', '2 confirmed', '3 shipped', '4 delivered']);
  });
});

describe('a cancellation that was first', () => {
  it('goes on, whatever the shipment does', async () => {
    const orderId = await placed();
    expect((await cancel(orderId)).status).toBe(202);
    await tell(orderId, 'shipped');
    await context.settle();
    await tell(orderId, 'delivered');
    expect(await show(orderId)).toMatchObject({ status: 'cancelled' });
    await scenario(context).when(async () => undefined).expectEvent(orderCancelled, { orderId, customerId: customer.id }).within('10s');
    expect(context.announced(orderShipped).filter((it) => it.orderId === orderId)).toEqual([]);
  });

  const seed = newSeed();

  it(`and one that comes second are told apart by the order's row (seed ${seed})`, async () => {
    const chance = new Chance(seed);
    const ids = await Promise.all(Array.from({ length: 12 }, () => placed()));
    const cancelled = await Promise.all(ids.map(async (id) => {
      const [cancelling] = await Promise.all([later(chance.below(30), () => cancel(id)), later(chance.below(30), () => tell(id, 'shipped'))]);
      return cancelling.status;
    }));
    await context.settle();
    const statuses = await Promise.all(ids.map(async (id) => (await show(id)).status));
    expect(statuses).toEqual(cancelled.map((status) => (status === 202 ? 'cancelled' : 'shipped')));
    expect(cancelled.every((status) => status === 202 || status === 409)).toBe(true);
  });
});

/** Begins after so many turns of the event loop. */
async function later<T>(turns: number, begin: () => Promise<T>): Promise<T> {
  for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
  return begin();
}

describe('an event of version 1', () => {
  it('is still understood; whose order it was nobody can know', () => {
    const older = { orderId: randomUUID(), reason: { code: 'out-of-stock', message: 'None left.' } };
    for (const event of [orderRejected, orderCancelled]) expect(readPayload(event, 1, older)).toEqual({ ...older, customerId: null });
  });
});
