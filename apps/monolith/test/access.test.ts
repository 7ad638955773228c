import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Database } from '@banyan/kernel/persistence';
import { ModulesContainer } from '@nestjs/core';
import { SignJWT, UnsecuredJWT, decodeJwt } from 'jose';
import { contexts } from '../contexts.js';
import { type Endpoint, endpointsOf, filled } from './endpoints.js';
import { type Person, type ShopUnderTest, type Shopping, openShop } from './shop.js';

let house: ShopUnderTest;
let shop: Shopping;
let endpoints: Endpoint[];
let customer: Person;
beforeAll(async () => {
  // As in production: in development the metrics are open to whoever is on the machine.
  house = await openShop({ METRICS_TOKEN: 'nobody-here-is-told-this' });
  shop = house.shop;
  [endpoints, customer] = await Promise.all([endpointsOf(shop), shop.customer()]);
});
afterAll(async () => { await house.close(); });

const call = ({ method, path, takesBody }: Endpoint, token?: string) =>
  shop.send(method, filled(path, 'NO-SUCH-SKU'), { token, ...(takesBody && { body: {} }) });

/** The doors that stand open on purpose. Anything else that is public is a mistake. */
const OPEN = [
  'POST /v1/users', 'POST /v1/sessions', 'POST /v1/sessions/refresh', 'GET /.well-known/jwks.json',
  'GET /health/live', 'GET /health/ready', 'GET /health/startup',
];
const STAFF = [
  'PUT /v1/products/{sku}', 'POST /v1/stock/{sku}/receipts', 'POST /v1/credit-notes', 'GET /v1/credit-notes', 'GET /v1/credit-notes/{id}',
  'POST /v1/payments/{id}/refunds', 'GET /v1/payments/trial-balance', 'GET /v1/reports/sales', 'PUT /v1/users/{id}/roles',
  'POST /v1/shipments/{id}/dispatches', 'POST /v1/shipments/{id}/deliveries', 'GET /metrics',
  'GET /ops/v1/parked', 'GET /ops/v1/parked/{context}/{eventId}', 'POST /ops/v1/parked/redrives', 'POST /ops/v1/parked/discards',
];

describe('who may come in', () => {
  it('is open to everybody only where it is meant to be', () => {
    expect(endpoints.filter((it) => it.isPublic).map((it) => `${it.method} ${it.path}`).sort()).toEqual([...OPEN].sort());
  });

  it('answers 401 on every other endpoint without a token', async () => {
    const closed = endpoints.filter((it) => !it.isPublic);
    expect(closed.length).toBeGreaterThan(20);
    const answers = await Promise.all(closed.map(async (it) => [`${it.method} ${it.path}`, (await call(it)).status]));
    expect(answers.filter(([, status]) => status !== 401)).toEqual([]);
  });

  it('answers 403 to a customer wherever staff or operators are asked for', async () => {
    const restricted = endpoints.filter((it) => STAFF.includes(`${it.method} ${it.path}`));
    expect(restricted.map((it) => `${it.method} ${it.path}`).sort()).toEqual([...STAFF].sort());
    const answers = await Promise.all(restricted.map(async (it) => [`${it.method} ${it.path}`, (await call(it, customer.token)).status]));
    expect(answers.filter(([, status]) => status !== 403)).toEqual([]);
  });
});

describe('a token', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const forged = (change: (jwt: SignJWT) => SignJWT) => {
    const { iat: _iat, ...claims } = decodeJwt(customer.token);
    return change(new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })).sign(privateKey);
  };
  const refused: [string, () => string | Promise<string>][] = [
    ['that is not a token', () => 'garbage'],
    ['with alg none', () => new UnsecuredJWT(decodeJwt(customer.token)).encode()],
    ['signed by somebody else', () => forged((jwt) => jwt)],
    ['whose signature was cut off', () => customer.token.slice(0, customer.token.lastIndexOf('.') + 1)],
    ['whose roles were changed', () => {
      const [header, , signature] = customer.token.split('.');
      const claims = { ...decodeJwt(customer.token), roles: ['staff', 'operator'] };
      return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    }],
  ];

  it.each(refused)('%s is refused with 401', async (_what, make) => {
    const answer = await shop.send('GET', '/v1/me', { token: await make() });
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });
});

describe("another customer's things", () => {
  it('are not there: 404, in lists too', async () => {
    const stranger = await shop.customer();
    const sku = await shop.article();
    const id = await shop.order(customer.token, [{ sku, quantity: 1 }]);
    await shop.settled(id);
    await house.monolith.settled();
    const [payment, shipment] = await Promise.all([shop.paymentOf(id), shop.shipmentOf(id)]);
    const paths = [`/v1/orders/${id}`, `/v1/orders/${id}/events`, `/v1/payments/${payment.id}`, `/v1/payments/${payment.id}/ledger`, `/v1/shipments/${shipment.id}`, `/v1/reports/orders/${id}`];
    const seen = async (token: string) => Promise.all(paths.map(async (path) => (await shop.send('GET', path, { token, headers: { 'last-event-id': '99' } })).status));
    expect(await seen(stranger.token)).toEqual(paths.map(() => 404));
    expect(await shop.send('POST', `/v1/orders/${id}/cancellations`, { token: stranger.token, body: { reason: 'Not mine.' } })).toMatchObject({ status: 404 });
    expect((await shop.send('GET', '/v1/orders', { token: stranger.token })).body.data).toEqual([]);
    expect((await shop.send('GET', `/v1/payments?orderId=${id}`, { token: stranger.token })).body.data).toEqual([]);
    expect((await shop.send('GET', `/v1/shipments?orderId=${id}`, { token: stranger.token })).body.data).toEqual([]);
    expect((await shop.send('GET', `/v1/orders/${id}`, { token: customer.token })).status).toBe(200);
  });
});

describe("a context's database role", () => {
  it("reads its own tables and nobody else's, over the context's real connections", async () => {
    const databases = [...house.monolith.app.get(ModulesContainer).values()].flatMap((it) => it.getProviderByKey<Database>(Database)?.instance ?? []);
    expect(databases).toHaveLength(contexts.length);
    for (const database of databases) {
      await expect(database.query('SELECT count(*) FROM outbox')).resolves.toHaveLength(1);
      for (const other of databases.filter((it) => it !== database)) {
        await expect(database.query(`SELECT count(*) FROM ${other.context}.outbox`)).rejects.toThrow(`permission denied for schema ${other.context}`);
      }
      await expect(database.query('CREATE TABLE mine (id int)')).rejects.toThrow(/permission denied/);
    }
  });
});
