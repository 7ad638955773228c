import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ShopUnderTest, type Shopping, openShop } from './shop.js';

let house: ShopUnderTest;
let shop: Shopping;
beforeAll(async () => {
  house = await openShop();
  shop = house.shop;
});
afterAll(async () => { await house.close(); });

describe('an order', () => {
  it('is confirmed, charged, and its goods leave the shelf', async () => {
    const [sku, customer] = [await shop.article({ price: 1_250, stock: 10 }), await shop.customer()];
    const id = await shop.order(customer.token, [{ sku, quantity: 3 }]);
    const order = await shop.settled(id);
    expect(order).toMatchObject({ status: 'confirmed', total: { amount: 3_750, currency: 'GBP' } });
    await house.monolith.settled();
    expect(await shop.stock(sku)).toEqual({ onHand: 7, reserved: 0, available: 7 });
    expect(await shop.paymentOf(id)).toMatchObject({ status: 'captured', captured: { amount: 3_750 } });
  });

  it('is rejected with the reason when the card is declined: stock is released, nothing is charged', async () => {
    const [sku, customer] = [await shop.article({ stock: 5 }), await shop.customer()];
    const id = await shop.order(customer.token, [{ sku, quantity: 5 }], 'test-card-declined');
    expect(await shop.settled(id)).toMatchObject({ status: 'rejected', reason: { code: 'card-declined' } });
    expect(await shop.stock(sku)).toEqual({ onHand: 5, reserved: 0, available: 5 });
    expect(await shop.paymentOf(id)).toMatchObject({ status: 'declined', captured: { amount: 0 } });
  });

  it('goes through when the processor times out first, charged once', async () => {
    const [sku, customer] = [await shop.article({ price: 700 }), await shop.customer()];
    const id = await shop.order(customer.token, [{ sku, quantity: 1 }], 'test-card-timeout');
    expect(await shop.settled(id, 30_000)).toMatchObject({ status: 'confirmed' });
    await house.monolith.settled();
    expect(await shop.paymentOf(id)).toMatchObject({ status: 'captured', captured: { amount: 700 } });
  });

  it('takes all of its lines or none', async () => {
    const [plenty, none, customer] = [await shop.article({ stock: 50 }), await shop.article({ stock: 0 }), await shop.customer()];
    const id = await shop.order(customer.token, [{ sku: plenty, quantity: 1 }, { sku: none, quantity: 1 }]);
    expect(await shop.settled(id)).toMatchObject({ status: 'rejected', reason: { code: 'out-of-stock' } });
    expect(await shop.stock(plenty)).toMatchObject({ reserved: 0, available: 50 });
  });

  it('adds the lines of one article up, at two prices', async () => {
    const sku = await shop.article({ stock: 5 });
    const { body } = await shop.send('POST', '/v1/orders', {
      token: shop.staff.token,
      body: { customerId: '17850', placedAt: '2010-12-01T08:26:00Z', lines: [{ sku, quantity: 2, unitPrice: 255 }, { sku, quantity: 3, unitPrice: 339 }] },
    });
    expect(await shop.settled(body.id)).toMatchObject({ status: 'confirmed', customerId: '17850', total: { amount: 1_527 }, placedAt: '2010-12-01T08:26:00.000Z' });
    await house.monolith.settled();
    expect(await shop.stock(sku)).toMatchObject({ onHand: 0 });
  });
});

describe('fifty orders at once for the last ten pieces', () => {
  it('confirm exactly ten, and stock was never below zero at any moment', async () => {
    const sku = await shop.article({ stock: 10 });
    const customer = await shop.customer();
    const ids = await Promise.all(Array.from({ length: 50 }, () => shop.order(customer.token, [{ sku, quantity: 1 }])));
    const orders = await Promise.all(ids.map((id) => shop.settled(id, 60_000)));
    expect(orders.filter((it) => it.status === 'confirmed')).toHaveLength(10);
    expect(orders.filter((it) => it.status === 'rejected' && it.reason.code === 'out-of-stock')).toHaveLength(40);
    await house.monolith.settled();
    expect(await shop.stock(sku)).toEqual({ onHand: 0, reserved: 0, available: 0 });

    const history = await house.storage.query<{ on_hand_after: string; reserved_after: string }>('SELECT on_hand_after, reserved_after FROM inventory.stock_movement WHERE sku = $1', [sku]);
    expect(history.length).toBeGreaterThanOrEqual(21);
    expect(history.filter((it) => Number(it.on_hand_after) < Number(it.reserved_after) || Number(it.reserved_after) < 0)).toEqual([]);
  }, 90_000);
});

describe('one idempotency key', () => {
  it('sent fifty times at once makes one order and fifty equal answers, or 409 while the first is under way', async () => {
    const [sku, customer] = [await shop.article(), await shop.customer()];
    const send = () => shop.send('POST', '/v1/orders', { token: customer.token, key: 'the-same', body: { lines: [{ sku, quantity: 1 }] } });
    const answers = await Promise.all(Array.from({ length: 50 }, send));
    const taken = answers.filter((it) => it.status === 202);
    expect(answers.every((it) => it.status === 202 || (it.status === 409 && it.body.code === 'request-in-progress'))).toBe(true);
    expect(new Set(taken.map((it) => JSON.stringify(it.body))).size).toBe(1);
    const replayed = await send();
    expect(replayed.headers.get('idempotent-replayed')).toBe('true');
    expect(replayed.body).toEqual(taken[0]?.body);
    const { body: list } = await shop.send('GET', '/v1/orders', { token: customer.token });
    expect(list.data).toHaveLength(1);
  });

  it('with another body is refused with 422', async () => {
    const [sku, customer] = [await shop.article(), await shop.customer()];
    const send = (quantity: number) => shop.send('POST', '/v1/orders', { token: customer.token, key: 'reused', body: { lines: [{ sku, quantity }] } });
    expect((await send(1)).status).toBe(202);
    expect(await send(2)).toMatchObject({ status: 422, body: { code: 'idempotency-key-reused' } });
  });

  it('belongs to its sender: another customer may use the same', async () => {
    const sku = await shop.article();
    const [one, other] = [await shop.customer(), await shop.customer()];
    const send = (token: string) => shop.send('POST', '/v1/orders', { token, key: 'shared', body: { lines: [{ sku, quantity: 1 }] } });
    const [first, second] = [await send(one.token), await send(other.token)];
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(first.body.id).not.toBe(second.body.id);
  });
});

describe('a cancellation', () => {
  it('of a confirmed order returns money and goods', async () => {
    const [sku, customer] = [await shop.article({ price: 500, stock: 4 }), await shop.customer()];
    const id = await shop.order(customer.token, [{ sku, quantity: 4 }]);
    await shop.settled(id);
    const { status } = await shop.send('POST', `/v1/orders/${id}/cancellations`, { token: customer.token, body: { reason: 'Changed my mind.' } });
    expect(status).toBe(202);
    expect(await shop.inStatus(id, ['cancelled'])).toMatchObject({ reason: { code: 'cancelled', message: 'Changed my mind.' } });
    await house.monolith.settled();
    expect(await shop.stock(sku)).toEqual({ onHand: 4, reserved: 0, available: 4 });
    const payment = await shop.paymentOf(id);
    expect(payment.captured.amount - payment.refunded.amount).toBe(0);
  });

  it('of a pending order makes its checkout turn back, and nothing is charged', async () => {
    const [sku, customer] = [await shop.article({ stock: 4 }), await shop.customer()];
    const id = await shop.order(customer.token, [{ sku, quantity: 1 }], 'test-card-slow');
    const { status } = await shop.send('POST', `/v1/orders/${id}/cancellations`, { token: customer.token, body: { reason: 'Too slow.' } });
    expect(status).toBe(202);
    expect(await shop.inStatus(id, ['cancelled'])).toMatchObject({ reason: { code: 'cancelled' } });
    expect(await shop.stock(sku)).toEqual({ onHand: 4, reserved: 0, available: 4 });
    expect((await shop.paymentOf(id)).captured.amount).toBe(0);
  });

  it('of an order that has ended is refused', async () => {
    const [sku, customer] = [await shop.article({ stock: 0 }), await shop.customer()];
    const id = await shop.order(customer.token, [{ sku, quantity: 1 }]);
    await shop.settled(id);
    const answer = await shop.send('POST', `/v1/orders/${id}/cancellations`, { token: customer.token, body: { reason: 'Late.' } });
    expect(answer).toMatchObject({ status: 409, body: { code: 'order-not-cancellable' } });
  });
});

describe('a credit note', () => {
  it('brings goods back to the shelf and money back to the customer, booked on its own date', async () => {
    const sku = await shop.article({ stock: 1 });
    const { body, status } = await shop.send('POST', '/v1/credit-notes', {
      token: shop.staff.token,
      body: { customerId: 'guest', issuedAt: '2009-05-02T23:30:00Z', lines: [{ sku, quantity: 2, unitPrice: 495 }] },
    });
    expect(status).toBe(202);
    await house.monolith.settled();
    const { body: note } = await shop.send('GET', `/v1/credit-notes/${body.id}`, { token: shop.staff.token });
    expect(note).toMatchObject({ status: 'issued', total: { amount: 990 } });
    expect(await shop.stock(sku)).toMatchObject({ onHand: 3 });
    const { body: sales } = await shop.send('GET', '/v1/reports/sales?from=2009-05-02&to=2009-05-03', { token: shop.staff.token });
    expect(sales.data).toEqual([expect.objectContaining({ date: '2009-05-02', orders: 0, refunds: { amount: 990, currency: 'GBP' } })]);
  });
});

describe('the event stream of an order', () => {
  it('tells the stations, goes on after Last-Event-ID, and ends with the order', async () => {
    const [sku, customer] = [await shop.article({ stock: 0 }), await shop.customer()];
    const id = await shop.order(customer.token, [{ sku, quantity: 1 }]);
    await shop.settled(id);
    const listen = async (headers: Record<string, string>) => {
      const response = await fetch(new URL(`/v1/orders/${id}/events`, shop.url), { headers: { authorization: `Bearer ${customer.token}`, ...headers } });
      return (await response.text()).split('\n').filter((line) => line.startsWith('event:')).map((line) => line.slice('event:'.length).trim());
    };
    expect(await listen({})).toEqual(['pending', 'rejected']);
    expect(await listen({ 'last-event-id': '1' })).toEqual(['rejected']);
  });
});

it('the ledger balances after all of it', async () => {
  await house.monolith.settled();
  expect(await shop.ledgerBalance()).toBe(0);
});
