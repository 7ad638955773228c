import { randomUUID } from 'node:crypto';
import { catalogContract } from '@banyan/catalog/contract';
import { OutOfStock, inventoryContract } from '@banyan/inventory/contract';
import { type ContextUnderTest, contextUnderTest, neighbour, scenario } from '@banyan/kernel/testing';
import { paymentsContract } from '@banyan/payments/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { orderingContract } from '../contract/index.js';
import { OrderingSettings, ordering } from '../index.js';

const { orderPlaced, orderConfirmed, orderRejected, orderCancelled, creditNoteIssued } = orderingContract.events;
const customer = { id: randomUUID(), roles: ['customer'] };
const staff = { id: randomUUID(), roles: ['staff'] };

/** What the neighbours were asked, and how they answer; a test may change the answers. */
let asked: string[];
let reserve: () => object;
let authorize: () => { is: 'authorized'; paymentId: string } | { is: 'declined'; paymentId: string; code: string; message: string };

const asks = <T>(what: string, answer: () => T) => (): T => {
  asked.push(what);
  return answer();
};
const world = [
  neighbour(catalogContract, {
    priceProducts: ({ skus }) => ({
      products: skus.filter((sku: string) => sku !== 'UNKNOWN').map((sku: string) => ({ sku, name: sku, price: { amount: 100, currency: 'GBP' as const } })),
      unknown: skus.filter((sku: string) => sku === 'UNKNOWN'),
    }),
  }),
  neighbour(inventoryContract, {
    reserveStock: asks('reserve', () => reserve() as Record<string, never>),
    takeStock: asks('take', () => ({ is: 'taken' as const })),
    releaseStock: asks('release', () => ({})),
    returnStock: asks('return', () => ({})),
  }),
  neighbour(paymentsContract, {
    authorizePayment: asks('authorize', () => authorize()),
    capturePayment: asks('capture', () => ({ is: 'captured' as const, paymentId: randomUUID() })),
    cancelPayment: asks('cancel payment', () => ({ refunded: { amount: 0, currency: 'GBP' as const } })),
    settleRefund: () => ({}), settleCancellation: () => ({}), creditCustomer: asks('credit', () => ({})),
  }),
];

let context: ContextUnderTest;
beforeAll(async () => {
  context = await contextUnderTest(ordering, {
    neighbours: world,
    providers: [{ provide: OrderingSettings, useValue: { defaultPaymentMethod: 'test-card' } satisfies OrderingSettings }],
  });
});
afterAll(async () => { await context.close(); });
beforeEach(() => {
  asked = [];
  reserve = () => ({});
  authorize = () => ({ is: 'authorized', paymentId: randomUUID() });
});

const place = async (body: object, as = customer) => context.http('POST', '/v1/orders', { as, body });
const anOrder = { lines: [{ sku: 'A', quantity: 2 }] };

describe('the checkout', () => {
  it('reserves, authorises, confirms, captures and takes, in this order', async () => {
    let orderId = '';
    await scenario(context)
      .when(async () => { orderId = (await place(anOrder)).body.id; })
      .expectEvent(orderPlaced, { customerId: customer.id })
      .expectEvent(orderConfirmed, { total: { amount: 200, currency: 'GBP' } })
      .within('10s');
    await context.settle();
    expect(asked).toEqual(['reserve', 'authorize', 'capture', 'take']);
    expect((await context.http('GET', `/v1/orders/${orderId}`, { as: customer })).body.status).toBe('confirmed');
  });

  it('rejects an order that is out of stock without asking for money', async () => {
    reserve = () => { throw new OutOfStock('None left.'); };
    await scenario(context).when(() => place(anOrder)).expectEvent(orderRejected, { reason: { code: 'out-of-stock', message: 'None left.' } }).within('10s');
    expect(asked).toEqual(['reserve']);
  });

  it('gives stock back when the card is declined', async () => {
    authorize = () => ({ is: 'declined', paymentId: randomUUID(), code: 'card-declined', message: 'No.' });
    await scenario(context).when(() => place(anOrder)).expectEvent(orderRejected, { reason: { code: 'card-declined', message: 'No.' } }).within('10s');
    expect(asked).toEqual(['reserve', 'authorize', 'release']);
  });
});

describe('a cancellation', () => {
  it('of a confirmed order returns money first, then goods', async () => {
    const { body: { id } } = await place(anOrder);
    await context.settle();
    asked = [];
    await scenario(context)
      .when(() => context.http('POST', `/v1/orders/${id}/cancellations`, { as: customer, body: { reason: 'Too big.' } }))
      .expectEvent(orderCancelled, { orderId: id })
      .within('10s');
    expect(asked).toEqual(['cancel payment', 'release']);
  });
});

describe('a credit note', () => {
  it('returns goods, credits the customer, and counts only then', async () => {
    const body = { customerId: '17850', issuedAt: '2011-01-04T10:00:00Z', lines: [{ sku: 'A', quantity: 1, unitPrice: 255 }] };
    await scenario(context)
      .when(() => context.http('POST', '/v1/credit-notes', { as: staff, body }))
      .expectEvent(creditNoteIssued, { customerId: '17850', total: { amount: 255, currency: 'GBP' } })
      .within('10s');
    expect(asked).toEqual(['return', 'credit']);
  });
});

describe('what only staff may say', () => {
  const fields: [string, object, string[]][] = [
    ['for whom', { ...anOrder, customerId: '17850' }, ['/customerId']],
    ['when', { ...anOrder, placedAt: '2011-01-04T10:00:00Z' }, ['/placedAt']],
    ['at what price', { lines: [{ sku: 'A', quantity: 1, unitPrice: 1 }] }, ['/lines/0/unitPrice']],
    ['that it goes on account', { ...anOrder, payment: { method: 'on-account' } }, ['/payment/method']],
  ];
  it.each(fields)('%s: a customer is refused with 403, and the field is named', async (_what, body, paths) => {
    const answer = await place(body);
    expect(answer).toMatchObject({ status: 403, body: { code: 'staff-only-fields' } });
    expect(answer.body.errors.map((it: { path: string }) => it.path)).toEqual(paths);
  });

  it('staff say it, and without a payment their orders go on account', async () => {
    const { status, body } = await place({ customerId: 'guest', placedAt: '2010-12-01T08:26:00Z', lines: [{ sku: 'A', quantity: 3, unitPrice: 255 }] }, staff);
    expect({ status, total: body.total.amount, customerId: body.customerId }).toEqual({ status: 202, total: 765, customerId: 'guest' });
    const [row] = await context.database.query<{ payment_method: string }>('SELECT payment_method FROM orders WHERE id = $1', [body.id]);
    expect(row?.payment_method).toBe('on-account');
  });
});

describe('the list of orders', () => {
  it('pages newest first, without gap or overlap, one\'s own only', async () => {
    const somebody = { id: randomUUID(), roles: ['customer'] };
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.unshift((await place(anOrder, somebody)).body.id);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await context.http('GET', `/v1/orders?limit=2${cursor && `&cursor=${cursor}`}`, { as: somebody });
      seen.push(...body.data.map((it: { id: string }) => it.id));
      cursor = body.nextCursor;
    }
    expect([...seen].sort()).toEqual([...ids].sort());
    expect(seen).toEqual([...seen].sort().toReversed());
  });
});
