import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Unavailable } from '@banyan/kernel/contract';
import { eventually, scenario } from '@banyan/kernel/testing';
import { orderingContract } from '@banyan/ordering/contract';
import { shippingContract } from '../contract/index.js';
import { ShippingUnderTest, parcel, staff } from './shipping-under-test.js';

const { orderCancellationRequested, orderCancelled } = orderingContract.events;
const { shipmentDispatched, shipmentDelivered } = shippingContract.events;
const reason = { code: 'cancelled', message: 'Changed my mind.' };

let bench: ShippingUnderTest;
beforeAll(async () => { bench = await ShippingUnderTest.open(); });
beforeEach(() => { bench.whenTold = async () => undefined; });
afterAll(() => bench.ctx.close());

describe('a confirmed order', () => {
  it('gets one pending shipment', async () => {
    const { orderId, customerId } = await bench.confirmed();
    await bench.ctx.settle();
    const { body } = await bench.ctx.http('GET', `/v1/shipments?orderId=${orderId}`, { as: staff });
    expect(body).toEqual({
      data: [{
        id: expect.any(String), orderId, customerId, status: 'pending', carrier: null, trackingNumber: null,
        requestedAt: expect.any(String), dispatchedAt: null, deliveredAt: null, needsRecall: false,
      }],
      nextCursor: null, hasMore: false,
    });
  });
});

describe('a shipment', () => {
  it('leaves and arrives; everybody hears of it, ordering by command', async () => {
    const { id, orderId, customerId } = await bench.pending();
    await scenario(bench.ctx)
      .when(async () => {
        const left = await bench.dispatch(id);
        expect([left.status, left.body]).toEqual([201, expect.objectContaining({ id, status: 'dispatched', ...parcel, dispatchedAt: expect.any(String) })]);
      })
      .when(async () => {
        const arrived = await bench.deliver(id);
        expect([arrived.status, arrived.body]).toEqual([201, expect.objectContaining({ id, status: 'delivered', ...parcel, deliveredAt: expect.any(String) })]);
      })
      .expectEvent(shipmentDispatched, { shipmentId: id, orderId, customerId, ...parcel })
      .expectEvent(shipmentDelivered, { shipmentId: id, orderId, customerId })
      .within('5s');
    await bench.ctx.settle();
    expect(bench.told.filter((it) => it.orderId === orderId).map((it) => it.is).sort()).toEqual(['delivered', 'shipped']);
  });

  it('answers 200 when it is told the same again, and tells nobody once more', async () => {
    const { id, orderId } = await bench.pending();
    for (const status of [201, 200]) expect(await bench.dispatch(id)).toMatchObject({ status, body: { status: 'dispatched' } });
    for (const status of [201, 200]) expect(await bench.deliver(id)).toMatchObject({ status, body: { status: 'delivered' } });
    expect(await bench.dispatch(id)).toMatchObject({ status: 200, body: { status: 'delivered' } });
    await bench.ctx.settle();
    expect(bench.ctx.announced(shipmentDispatched).filter((it) => it.orderId === orderId)).toHaveLength(1);
    expect(bench.told.filter((it) => it.orderId === orderId)).toHaveLength(2);
  });

  it('replays the answer to the same key', async () => {
    const [{ id }, key] = [await bench.pending(), randomUUID()];
    const [first, again] = [await bench.dispatch(id, parcel, key), await bench.dispatch(id, parcel, key)];
    expect([again.status, again.body, again.headers['idempotent-replayed']]).toEqual([201, first.body, 'true']);
  });

  it('cannot arrive before it has left, nor leave twice', async () => {
    const { id } = await bench.pending();
    expect(await bench.deliver(id)).toMatchObject({ status: 409, body: { code: 'shipment-not-deliverable' } });
    await bench.dispatch(id);
    expect(await bench.dispatch(id, { ...parcel, trackingNumber: 'RM-2' })).toMatchObject({ status: 409, body: { code: 'shipment-not-dispatchable' } });
    expect(await bench.ctx.http('GET', `/v1/shipments/${id}`, { as: staff })).toMatchObject({ body: { status: 'dispatched', ...parcel } });
  });

  it('goes on telling ordering that it has left until ordering has heard', async () => {
    const { id, orderId } = await bench.pending();
    let failures = 3;
    bench.whenTold = async () => {
      failures -= 1;
      if (failures >= 0) throw new Unavailable('Ordering is away.');
    };
    await bench.dispatch(id);
    await eventually(() => { expect(bench.told).toContainEqual({ orderId, is: 'shipped' }); });
  });

  it.each([
    ['an unknown field', { ...parcel, weight: 3 }, ['/weight']],
    ['no carrier', { trackingNumber: '1' }, ['/carrier']],
    ['blanks', { carrier: ' ', trackingNumber: '  ' }, ['/carrier', '/trackingNumber']],
    ['a number of 65 characters', { ...parcel, trackingNumber: '1'.repeat(65) }, ['/trackingNumber']],
  ])('is not dispatched with %s', async (_, body, paths) => {
    const { id } = await bench.pending();
    const answer = await bench.dispatch(id, body);
    expect([answer.status, answer.body.errors.map((it: { path: string }) => it.path)]).toEqual([400, paths]);
  });
});

describe('a cancellation', () => {
  it.each([
    ['from the moment it is asked for', (orderId: string) => orderCancellationRequested({ orderId })],
    ['when it is all that is heard of', (orderId: string) => orderCancelled({ orderId, customerId: null, reason })],
  ])('keeps the goods here, %s', async (_, news) => {
    const { id, orderId } = await bench.pending();
    await bench.ctx.announce(news(orderId));
    await bench.ctx.settle();
    expect(await bench.ofOrder(orderId)).toMatchObject({ status: 'cancelled', needsRecall: false });
    expect(await bench.dispatch(id)).toMatchObject({ status: 409, body: { code: 'shipment-not-dispatchable' } });
    expect(await bench.deliver(id)).toMatchObject({ status: 409, body: { code: 'shipment-not-deliverable' } });
  });

  it('that comes too late leaves the shipment as it is, and shows it to staff as one to call back', async () => {
    const { id, orderId, customerId } = await bench.pending();
    await bench.dispatch(id);
    await bench.ctx.announce(orderCancellationRequested({ orderId }));
    await bench.ctx.announce(orderCancelled({ orderId, customerId, reason }));
    await bench.ctx.settle();
    expect(await bench.ofOrder(orderId)).toMatchObject({ status: 'dispatched', ...parcel, needsRecall: true });
    const { body } = await bench.ctx.http('GET', '/v1/shipments?recall=true', { as: staff });
    expect(body.data).toEqual([expect.objectContaining({ id, needsRecall: true })]);
    expect(await bench.deliver(id)).toMatchObject({ status: 201, body: { status: 'delivered', needsRecall: true } });
  });

  it('of an order that was never confirmed concerns nobody here', async () => {
    const orderId = randomUUID();
    await bench.ctx.announce(orderCancelled({ orderId, customerId: 'guest', reason }));
    await bench.ctx.settle();
    expect(await bench.ofOrder(orderId)).toBeUndefined();
  });
});

describe('the list of shipments', () => {
  it('shows customers their own, page by page, and staff what they look for', async () => {
    const customer = { id: randomUUID(), roles: ['customer'] };
    const mine: string[] = [];
    for (let i = 0; i < 3; i += 1) mine.push((await bench.confirmed({ customerId: customer.id })).orderId);
    await bench.ctx.settle();

    const first = await bench.ctx.http('GET', '/v1/shipments?limit=2', { as: customer });
    const second = await bench.ctx.http('GET', `/v1/shipments?limit=2&cursor=${first.body.nextCursor}`, { as: customer });
    expect([first.body.hasMore, second.body.hasMore]).toEqual([true, false]);
    const seen = [...first.body.data, ...second.body.data].map((it: { orderId: string }) => it.orderId);
    expect(seen.sort()).toEqual(mine.sort());

    const { body } = await bench.ctx.http('GET', '/v1/shipments?status=pending&limit=100', { as: staff });
    expect(body.data.map((it: { orderId: string }) => it.orderId)).toEqual(expect.arrayContaining(mine));
    expect(new Set(body.data.map((it: { status: string }) => it.status))).toEqual(new Set(['pending']));
  });

  it("keeps another customer's shipment to itself", async () => {
    const { id, orderId, customerId } = await bench.pending();
    const stranger = { id: randomUUID(), roles: ['customer'] };
    expect((await bench.ctx.http('GET', `/v1/shipments/${id}`, { as: stranger })).status).toBe(404);
    expect((await bench.ctx.http('GET', `/v1/shipments?orderId=${orderId}`, { as: stranger })).body.data).toEqual([]);
    expect((await bench.ctx.http('GET', `/v1/shipments/${id}`, { as: { id: customerId, roles: ['customer'] } })).status).toBe(200);
  });

  it('is for those who are signed in, its writing for staff', async () => {
    const { id } = await bench.pending();
    expect((await bench.ctx.http('GET', '/v1/shipments')).status).toBe(401);
    const customer = { id: randomUUID(), roles: ['customer'] };
    for (const step of ['dispatches', 'deliveries']) {
      expect((await bench.ctx.http('POST', `/v1/shipments/${id}/${step}`, { as: customer, body: parcel })).status).toBe(403);
      expect((await bench.ctx.http('POST', `/v1/shipments/${randomUUID()}/${step}`, { as: staff, body: parcel })).status).toBe(404);
    }
  });
});
