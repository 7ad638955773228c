import { randomUUID } from 'node:crypto';
import { identityContract } from '@banyan/identity/contract';
import { type ContextUnderTest, contextUnderTest } from '@banyan/kernel/testing';
import { orderingContract } from '@banyan/ordering/contract';
import { paymentsContract } from '@banyan/payments/contract';
import { shippingContract } from '@banyan/shipping/contract';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { reporting } from '../index.js';

const staff = { id: randomUUID(), roles: ['staff'] };
const { orderPlaced, orderConfirmed, orderShipped, orderDelivered, orderCancelled, creditNoteIssued } = orderingContract.events;
const { paymentAuthorized, paymentCaptured, paymentRefunded } = paymentsContract.events;
const gbp = (amount: number) => ({ amount, currency: 'GBP' as const });

let context: ContextUnderTest;
beforeAll(async () => { context = await contextUnderTest(reporting); });
afterAll(async () => { await context.close(); });

function anOrder(given: { customerId?: string; placedAt?: string; quantity?: number; unitPrice?: number } = {}) {
  const { customerId = randomUUID(), placedAt = '2011-01-04T10:00:00.000Z', quantity = 2, unitPrice = 150 } = given;
  return {
    orderId: randomUUID(), customerId, placedAt, total: gbp(quantity * unitPrice),
    lines: [{ sku: 'A-1', quantity, unitPrice: gbp(unitPrice) }],
  };
}

async function confirmed(order: ReturnType<typeof anOrder>): Promise<void> {
  await context.announce(orderPlaced(order));
  await context.announce(orderConfirmed({ ...order, confirmedAt: '2011-01-05T00:00:00.000Z' }));
}

async function sales(query: string) {
  await context.settle();
  return (await context.http('GET', `/v1/reports/sales?${query}`, { as: staff })).body.data;
}

describe('sales by day', () => {
  it('counts a confirmed order on the UTC day it was placed on, up to the last millisecond', async () => {
    await confirmed(anOrder({ placedAt: '2011-02-01T00:00:00.000Z', quantity: 3, unitPrice: 100 }));
    await confirmed(anOrder({ placedAt: '2011-02-01T23:59:59.999Z', quantity: 1, unitPrice: 1 }));
    await confirmed(anOrder({ placedAt: '2011-02-02T00:00:00.000Z' }));
    expect(await sales('from=2011-02-01&to=2011-02-02')).toEqual([
      { date: '2011-02-01', orders: 2, units: 4, revenue: gbp(301), refunds: gbp(0) },
    ]);
  });

  it('leaves out orders that were only placed', async () => {
    await context.announce(orderPlaced(anOrder({ placedAt: '2011-03-01T10:00:00.000Z' })));
    expect(await sales('from=2011-03-01&to=2011-03-02')).toEqual([]);
  });

  it('books credit notes and refunds on their own day, and keeps the sale of a cancelled order', async () => {
    const order = anOrder({ placedAt: '2011-04-01T10:00:00.000Z', quantity: 1, unitPrice: 500 });
    await confirmed(order);
    await context.announce(orderCancelled({ orderId: order.orderId, customerId: order.customerId, reason: { code: 'cancelled', message: 'Changed my mind.' } }));
    await context.announce(paymentRefunded({ paymentId: randomUUID(), orderId: order.orderId, amount: gbp(500), refundedAt: '2011-04-02T09:00:00.000Z' }));
    await context.announce(creditNoteIssued({
      creditNoteId: randomUUID(), customerId: 'guest', issuedAt: '2011-04-02T12:00:00.000Z', lines: order.lines, total: gbp(20),
    }));
    expect(await sales('from=2011-04-01&to=2011-04-30')).toEqual([
      { date: '2011-04-01', orders: 1, units: 1, revenue: gbp(500), refunds: gbp(0) },
      { date: '2011-04-02', orders: 0, units: 0, revenue: gbp(0), refunds: gbp(520) },
    ]);
  });

  it('is for staff, and wants a range that begins before it ends', async () => {
    const customer = { id: randomUUID(), roles: ['customer'] };
    expect((await context.http('GET', '/v1/reports/sales', { as: customer })).status).toBe(403);
    const backwards = await context.http('GET', '/v1/reports/sales?from=2011-02-02&to=2011-02-01', { as: staff });
    expect(backwards.status).toBe(400);
    expect(backwards.body.errors).toEqual([{ path: '?to', message: 'Lies before `from`.' }]);
  });
});

describe('the report on one order', () => {
  it('joins customer, order and payment, whichever is heard of first', async () => {
    const customerId = randomUUID();
    const order = anOrder({ customerId });
    const paymentId = randomUUID();
    await context.announce(paymentAuthorized({ paymentId, orderId: order.orderId, amount: order.total, method: 'test-card' }));
    await context.settle();
    expect((await context.http('GET', `/v1/reports/orders/${order.orderId}`, { as: staff })).status).toBe(404);

    await confirmed(order);
    await context.announce(paymentCaptured({ paymentId, orderId: order.orderId, amount: order.total }));
    await context.announce(identityContract.events.userRegistered({ userId: customerId, email: 'buyer@shop.example', name: 'A buyer' }));
    await context.settle();
    const { body } = await context.http('GET', `/v1/reports/orders/${order.orderId}`, { as: { id: customerId, roles: ['customer'] } });
    expect(body).toEqual({
      id: order.orderId, status: 'confirmed', placedAt: order.placedAt, total: order.total, units: 2,
      customer: { id: customerId, name: 'A buyer', email: 'buyer@shop.example' },
      payment: { id: paymentId, status: 'captured', authorized: order.total, captured: order.total, refunded: gbp(0) },
      shipment: null,
    });
  });

  it('shows the shipment from the moment it has left, also when that is heard of before the order', async () => {
    const order = anOrder();
    const shipment = { shipmentId: randomUUID(), orderId: order.orderId, customerId: order.customerId };
    const report = async () => {
      await context.settle();
      const { body } = await context.http('GET', `/v1/reports/orders/${order.orderId}`, { as: staff });
      return { status: body.status, shipment: body.shipment };
    };
    const parcel = { carrier: 'Royal Mail', trackingNumber: 'RM-1' };
    await context.announce(shippingContract.events.shipmentDispatched({ ...shipment, ...parcel, dispatchedAt: '2011-01-06T08:00:00.000Z' }));
    await context.settle();
    await confirmed(order);
    expect(await report()).toEqual({ status: 'confirmed', shipment: { id: shipment.shipmentId, status: 'dispatched', ...parcel } });

    await context.announce(orderShipped({ orderId: order.orderId }));
    await context.announce(shippingContract.events.shipmentDelivered({ ...shipment, deliveredAt: '2011-01-07T08:00:00.000Z' }));
    await context.announce(orderDelivered({ orderId: order.orderId }));
    expect(await report()).toEqual({ status: 'delivered', shipment: { id: shipment.shipmentId, status: 'delivered', ...parcel } });
  });

  it('is not there for another customer', async () => {
    const order = anOrder();
    await confirmed(order);
    await context.settle();
    const answer = await context.http('GET', `/v1/reports/orders/${order.orderId}`, { as: { id: randomUUID(), roles: ['customer'] } });
    expect(answer.status).toBe(404);
  });
});
