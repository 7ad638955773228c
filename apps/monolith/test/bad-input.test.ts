import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Endpoint, endpointsOf, filled } from './endpoints.js';
import { type Answer, type ShopUnderTest, type Shopping, openShop } from './shop.js';

let house: ShopUnderTest;
let shop: Shopping;
let writing: Endpoint[];
let sku: string;
beforeAll(async () => {
  house = await openShop();
  shop = house.shop;
  sku = await shop.article();
  writing = (await endpointsOf(shop)).filter((it) => it.takesBody);
});
afterAll(async () => { await house.close(); });

/** What nobody should send. A function gets the names of the fields that the endpoint requires. */
const bodies: Readonly<Record<string, (required: readonly string[]) => string>> = {
  'malformed JSON': () => '{"lines": [',
  'nothing at all': () => '',
  'no object': () => '[]',
  'null': () => 'null',
  'missing fields': () => '{}',
  'unknown fields only': () => '{"surprise": 1}',
  'wrong types': (required) => JSON.stringify(Object.fromEntries(required.map((it) => [it, { wrong: true }]))),
  'nulls': (required) => JSON.stringify(Object.fromEntries(required.map((it) => [it, null]))),
  'negative numbers': (required) => JSON.stringify(Object.fromEntries(required.map((it) => [it, -1]))),
  'huge numbers': (required) => `{${required.map((it) => `${JSON.stringify(it)}: 1e308`).join(',')}}`,
  'numbers beyond JSON': (required) => `{${required.map((it) => `${JSON.stringify(it)}: 1e999`).join(',')}}`,
  'fractions': (required) => JSON.stringify(Object.fromEntries(required.map((it) => [it, 0.1]))),
  'NUL bytes': (required) => JSON.stringify(Object.fromEntries(required.map((it) => [it, 'a\u0000b']))),
  'lone surrogates': (required) => `{${required.map((it) => `${JSON.stringify(it)}: "\\ud800"`).join(',')}}`,
  'prototype poisoning': () => '{"__proto__": {"roles": ["staff"]}}',
  'very deep nesting': (required) => `{"${required[0] ?? 'x'}": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
  'twenty megabytes': (required) => JSON.stringify({ [required[0] ?? 'x']: 'a'.repeat(20 * 1024 * 1024) }),
};

/** Everything of value in the shop, counted. */
async function census(): Promise<string | undefined> {
  const tables = ['identity.user_account', 'catalog.product', 'inventory.stock_movement', 'ordering.orders', 'ordering.credit_note', 'payments.refund', 'shipping.shipment',
    'identity.idempotency_key', 'catalog.idempotency_key', 'inventory.idempotency_key', 'ordering.idempotency_key', 'payments.idempotency_key', 'shipping.idempotency_key'];
  const [row] = await house.storage.query<{ counts: string }>(`SELECT concat_ws(',', ${tables.map((it) => `(SELECT count(*) FROM ${it})`).join(', ')}) AS counts`);
  return row?.counts;
}

function expectRefused(answer: Answer, what: string): void {
  expect({ what, status: answer.status, type: answer.headers.get('content-type') }).toEqual({
    what, status: expect.any(Number), type: expect.stringContaining('application/problem+json'),
  });
  expect({ what, isClientError: answer.status >= 400 && answer.status < 500, status: answer.status }).toMatchObject({ what, isClientError: true });
  expect(answer.body).toMatchObject({ code: expect.stringMatching(/^[a-z-]+$/), detail: expect.any(String), traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
}

describe('bad input', () => {
  it.each(Object.entries(bodies))('%s: every endpoint that takes a body answers with a 4xx problem and writes nothing', async (what, make) => {
    const before = await census();
    expect(writing.length).toBeGreaterThanOrEqual(10);
    for (const { method, path, requiredFields } of writing) {
      const answer = await shop.send(method, filled(path, encodeURIComponent(sku)), {
        token: shop.staff.token, body: make(requiredFields), headers: { 'content-type': 'application/json' },
      });
      expectRefused(answer, `${what} to ${method} ${path}`);
    }
    expect(await census()).toBe(before);
  });

  it('names every wrong field at once', async () => {
    const answer = await shop.send('POST', '/v1/orders', {
      token: shop.staff.token,
      body: { lines: [{ sku, quantity: -1 }, { sku: ' ', quantity: 1, colour: 'red' }], payment: { method: '' }, placedAt: 'yesterday', gift: true },
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
    expect(answer.body.errors.map((it: { path: string }) => it.path).sort()).toEqual(
      ['/gift', '/lines/0/quantity', '/lines/1/colour', '/lines/1/sku', '/payment/method', '/placedAt'],
    );
  });

  const order = (given: object) => ({ lines: [{ sku, quantity: 1 }], ...given });
  const orders: [string, () => object, number, string][] = [
    ['an unknown article', () => order({ lines: [{ sku, quantity: 1 }, { sku: 'NO-SUCH', quantity: 1 }] }), 422, '/lines/1/sku'],
    ['5,000 lines', () => order({ lines: Array.from({ length: 5_000 }, () => ({ sku, quantity: 1 })) }), 400, '/lines'],
    ['no lines', () => order({ lines: [] }), 400, '/lines'],
    ['a quantity beyond an integer', () => order({ lines: [{ sku, quantity: 2 ** 53 }] }), 400, '/lines/0/quantity'],
    ['a price beyond any', () => order({ lines: [{ sku, quantity: 1, unitPrice: 10 ** 15 }] }), 400, '/lines/0/unitPrice'],
    ['a total beyond any', () => order({ lines: [{ sku, quantity: 1_000_000, unitPrice: 1_000_000_000 }] }), 422, '/lines'],
    ['a day that does not exist', () => order({ placedAt: '2011-02-30T00:00:00Z' }), 400, '/placedAt'],
    ['a time without its zone', () => order({ placedAt: '2011-02-03T00:00:00' }), 400, '/placedAt'],
    ['the future', () => order({ placedAt: '2999-01-01T00:00:00Z' }), 400, '/placedAt'],
    ['a customer of 65 characters', () => order({ customerId: 'c'.repeat(65) }), 400, '/customerId'],
  ];
  it.each(orders)('an order with %s is refused, and the field is named', async (_what, make, status, path) => {
    const before = await census();
    const answer = await shop.send('POST', '/v1/orders', { token: shop.staff.token, body: make() });
    expect({ status: answer.status, paths: answer.body.errors?.map((it: { path: string }) => it.path) }).toEqual({ status, paths: [path] });
    expect(await census()).toBe(before);
  });

  it('takes an order of 2,000 lines', async () => {
    const answer = await shop.send('POST', '/v1/orders', {
      token: shop.staff.token, body: { lines: Array.from({ length: 2_000 }, (_, i) => ({ sku, quantity: 1, unitPrice: i })) },
    });
    expect(answer.status).toBe(202);
    expect(await shop.settled(answer.body.id)).toMatchObject({ status: 'rejected', reason: { code: 'out-of-stock' } });
  });

  const addresses: [string, string, number][] = [
    ['a page size of 0', '/v1/orders?limit=0', 400],
    ['a page size of 101', '/v1/products?limit=101', 400],
    ['a page size that is no number', '/v1/products?limit=many', 400],
    ['a cursor nobody gave', '/v1/orders?cursor=abc', 400],
    ['an unknown parameter', '/v1/orders?colour=red', 400],
    ['an id that is none', '/v1/orders/1', 400],
    ['a NUL byte in a query', '/v1/products?q=%00', 400],
    ['a broken escape', '/v1/products/%E0%A4%A', 400],
    ['a day that is none', '/v1/reports/sales?from=2011-13-01', 400],
    ['an address that leads nowhere', '/v1/nothing', 404],
    ['an address of 20,000 characters', `/v1/products?q=${'a'.repeat(20_000)}`, 431],
  ];
  it.each(addresses)('an address with %s is answered with a problem', async (what, path, status) => {
    const answer = await shop.send('GET', path, { token: shop.staff.token });
    expectRefused(answer, what);
    expect(answer.status).toBe(status);
  });

  it('a write without an Idempotency-Key is refused', async () => {
    const response = await fetch(new URL('/v1/orders', shop.url), {
      method: 'POST', body: JSON.stringify(order({})), headers: { 'content-type': 'application/json', authorization: `Bearer ${shop.staff.token}` },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'idempotency-key-missing' });
  });
});
