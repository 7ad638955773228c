import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Chance, newSeed } from '@banyan/kernel/testing';
import { orderingContract } from '@banyan/ordering/contract';
import { shippingContract } from '../contract/index.js';
import { ShippingUnderTest, parcel, staff } from './shipping-under-test.js';

const { orderCancellationRequested, orderCancelled } = orderingContract.events;
const { shipmentDispatched, shipmentDelivered } = shippingContract.events;

let bench: ShippingUnderTest;
beforeAll(async () => { bench = await ShippingUnderTest.open(); });
afterAll(() => bench.ctx.close());

describe('at the same time', () => {
  it('one of many dispatches with different numbers counts', async () => {
    const { id, orderId } = await bench.pending();
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => bench.dispatch(id, { ...parcel, trackingNumber: `RM-${i}` })));
    expect(answers.map((it) => it.status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
    await bench.ctx.settle();
    const told = bench.ctx.announced(shipmentDispatched).filter((it) => it.orderId === orderId);
    expect(told.map((it) => it.trackingNumber)).toEqual([answers.find((it) => it.status === 201)?.body.trackingNumber]);
    expect(bench.told.filter((it) => it.orderId === orderId)).toEqual([{ orderId, is: 'shipped' }]);
  });

  it('equal dispatches agree', async () => {
    const { id, orderId } = await bench.pending();
    const answers = await Promise.all(Array.from({ length: 8 }, () => bench.dispatch(id)));
    expect(answers.map((it) => it.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
    await bench.ctx.settle();
    expect(bench.ctx.announced(shipmentDispatched).filter((it) => it.orderId === orderId)).toHaveLength(1);
  });

  const seed = newSeed();

  it(`a dispatch and a cancellation end in one of the two ways that make sense (seed ${seed})`, async () => {
    const chance = new Chance(seed);
    const shipments = await Promise.all(Array.from({ length: 30 }, () => bench.pending()));
    const answers = await Promise.all(shipments.map(async ({ id, orderId, customerId }) => {
      const [cancelAfter, dispatchAfter] = [chance.below(10), chance.below(800)];
      const cancelling = later(cancelAfter, async () => {
        await bench.ctx.announce(orderCancellationRequested({ orderId }));
        await bench.ctx.announce(orderCancelled({ orderId, customerId, reason: { code: 'cancelled', message: 'No.' } }));
      });
      const dispatched = await later(dispatchAfter, () => bench.dispatch(id));
      const delivered = await bench.deliver(id);
      await cancelling;
      return { orderId, dispatched: dispatched.status, delivered: delivered.status };
    }));
    await bench.ctx.settle();

    for (const { orderId, dispatched, delivered } of answers) {
      const { status, needsRecall } = await bench.ofOrder(orderId);
      const hasLeft = dispatched === 201;
      expect({ dispatched, delivered, status, needsRecall }).toEqual(hasLeft
        ? { dispatched: 201, delivered: 201, status: 'delivered', needsRecall: true }
        : { dispatched: 409, delivered: 409, status: 'cancelled', needsRecall: false });
      const heard = [shipmentDispatched, shipmentDelivered].flatMap((event) => bench.ctx.announced(event)).filter((it) => it.orderId === orderId);
      expect(heard).toHaveLength(hasLeft ? 2 : 0);
    }
    const { body } = await bench.ctx.http('GET', '/v1/shipments?recall=true&limit=100', { as: staff });
    expect(body.data).toHaveLength(answers.filter((it) => it.dispatched === 201).length);
  });
});

/** Begins after so many turns of the event loop. */
async function later<T>(turns: number, begin: () => Promise<T>): Promise<T> {
  for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
  return begin();
}
