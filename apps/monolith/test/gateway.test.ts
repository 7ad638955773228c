import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppPlan, type RunningApp, startApp } from '@banyan/kernel/app';
import { type TestBroker, type TestDatabase, eventually, testBroker, testDatabase } from '@banyan/kernel/testing';
import { contexts } from '../contexts.js';
import { monolith as monolithPlan } from '../monolith.js';
import { readConfig } from './read-config.js';
import { Shopping, request } from './shop.js';

/** What `apps/gateway` is. */
const plan: AppPlan = { name: 'gateway', title: 'Banyan shop', version: '1.0.0', contexts: [], fronts: contexts, issuer: monolithPlan.issuer };

/** Every app as it runs in production, only in one process, to be quick. */
describe('the gateway', () => {
  let broker: TestBroker;
  let storage: TestDatabase;
  let dataDir: string;
  let monolith: RunningApp | undefined;
  let gateway: RunningApp;
  let shop: Shopping;
  const lifted: RunningApp[] = [];
  const environment = (more: Record<string, string> = {}) => ({
    PORT: '0', DATA_DIR: dataDir, DATABASE_URL: storage.url, LOG_LEVEL: 'error', EVENT_BUS: 'rabbitmq', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace, ...more,
  });
  beforeAll(async () => {
    broker = await testBroker();
    storage = await testDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'banyan-gateway-'));
    monolith = await startApp(monolithPlan, readConfig(environment()));
    gateway = await startApp(plan, readConfig(environment()));
    shop = await Shopping.at(gateway.url, monolith.operator);
  }, 90_000);
  afterAll(async () => {
    await gateway.stop();
    for (const app of lifted) await app.stop();
    await monolith?.stop();
    await storage.drop();
    await rm(dataDir, { recursive: true });
    await broker.drop(contexts.map(({ name }) => name));
  }, 90_000);

  async function lift(name: string): Promise<void> {
    const declaration = contexts.find((it) => it.name === name);
    if (!declaration) throw new Error(`There is no context ${name}.`);
    const own: AppPlan = { name, title: name, version: '1', contexts: [declaration], issuer: monolithPlan.issuer };
    lifted.push(await startApp(own, readConfig(environment({ ADMIN_EMAIL: gateway.operator.email, ADMIN_PASSWORD: gateway.operator.password }))));
    await eventually(async () => { expect((await shop.send('POST', `/ops/v1/stages/${name}`, { token: shop.staff.token, body: { stage: 'live', reason: 'a test' } })).status).toBe(201); });
  }

  async function oneOrder(): Promise<string> {
    const customer = await shop.customer();
    const sku = await shop.article({ price: 250, stock: 20 });
    const id = await shop.order(customer.token, [{ sku, quantity: 2 }]);
    expect(await shop.settled(id, 60_000)).toMatchObject({ status: 'confirmed', total: { amount: 500 } });
    await eventually(async () => { expect(await shop.paymentOf(id)).toMatchObject({ status: 'captured' }); });
    return id;
  }

  it('sends requests to the monolith while everything is there, and says itself who may not', async () => {
    await oneOrder();
    expect(await shop.send('GET', '/v1/orders')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    const customer = await shop.customer();
    expect((await shop.send('GET', '/v1/reports/sales?from=2011-01-01&to=2011-01-02', { token: customer.token })).status).toBe(403);
    expect((await shop.send('GET', '/v1/nowhere', { token: customer.token })).status).toBe(404);
    expect((await shop.send('POST', '/v1/orders', { token: customer.token, body: { lines: [] } })).status).toBe(400);
    expect((await request(gateway.url, 'GET', '/health/ready')).status).toBe(200);
  }, 90_000);

  it('has every address of the monolith', async () => {
    const { body: document } = await request(monolith?.url ?? '', 'GET', '/openapi.json');
    const router = gateway.app.getHttpAdapter().getInstance();
    const addresses = Object.entries<object>(document.paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => ({ method: method.toUpperCase(), url: path.replaceAll(/\{([^}]+)\}/g, ':$1') })));
    const own = addresses.filter(({ url }) => url.startsWith('/v1/'));
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter((it) => !router.hasRoute(it as Parameters<typeof router.hasRoute>[0]))).toEqual([]);
  });

  it('finds an app that was lifted out, without the monolith in between', async () => {
    await lift('payments');
    const id = await oneOrder();
    const customer = await shop.customer();
    await monolith?.stop();
    monolith = undefined;
    expect((await shop.send('GET', `/v1/payments?orderId=${id}`, { token: customer.token })).status).toBe(200);
    expect(await shop.send('GET', '/v1/products', { token: customer.token })).toMatchObject({ status: 503, body: { code: 'no-instance' } });
    monolith = await startApp(monolithPlan, readConfig(environment()));
    await eventually(async () => { expect((await shop.send('GET', '/v1/products', { token: customer.token })).status).toBe(200); });
  }, 90_000);

  it('is all there is in front of eight apps when the monolith is gone', async () => {
    for (const { name } of contexts) if (name !== 'payments') await lift(name);
    await monolith?.stop();
    monolith = undefined;
    const id = await oneOrder();
    await eventually(async () => { expect(await shop.send('GET', `/v1/reports/orders/${id}`, { token: shop.staff.token })).toMatchObject({ status: 200, body: { status: 'confirmed' } }); });
    expect((await shop.shipmentOf(id)).orderId).toBe(id);
    expect((await shop.send('GET', '/ops/v1/stages', { token: shop.staff.token })).body.data.map(({ stage }: { stage: string }) => stage)).toEqual(contexts.map(() => 'live'));
  }, 180_000);
});

it('has every context of the shop in front of it', async () => {
  const source = await readFile('apps/gateway/gateway.ts', 'utf8');
  expect(/fronts: \[([^\]]+)\]/.exec(source)?.[1]?.split(', ').toSorted()).toEqual(contexts.map(({ name }) => name).toSorted());
});

it('does not start with an upstream of an app that there is not', async () => {
  const storage = await testDatabase();
  const config = readConfig({ PORT: '0', DATABASE_URL: storage.url, EVENT_BUS: 'rabbitmq', AMQP_URL: 'amqp://127.0.0.1', UPSTREAMS: 'billing=http://billing:3000', ADMIN_EMAIL: 'a@shop.example', ADMIN_PASSWORD: 'a password for all' });
  await expect(startApp(plan, config)).rejects.toThrow('UPSTREAMS says where "billing" is, and there is no such app. There are: monolith, identity,');
  await storage.drop();
  expect(() => readConfig({ UPSTREAMS: 'payments=http://payments:3000 catalog' })).toThrow('UPSTREAMS: "catalog" is not like payments=http://payments:3000.');
});
