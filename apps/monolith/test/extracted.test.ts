import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppPlan, type RunningApp, startApp } from '@banyan/kernel/app';
import { type TestBroker, eventually, testBroker } from '@banyan/kernel/testing';
import { contexts } from '../contexts.js';
import { monolith } from '../monolith.js';
import { readConfig } from './read-config.js';
import { type ShopUnderTest, type Shopping, openShop, request } from './shop.js';

/** The shop with contexts lifted out: every app as it runs in production, only in one process, to be quick. */
describe('the shop with contexts lifted out', () => {
  let broker: TestBroker;
  let house: ShopUnderTest;
  let shop: Shopping;
  let dataDir: string;
  const apps = new Map<string, RunningApp>();
  beforeAll(async () => {
    broker = await testBroker();
    dataDir = await mkdtemp(join(tmpdir(), 'banyan-extracted-'));
    house = await openShop({ EVENT_BUS: 'rabbitmq', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace });
    shop = house.shop;
  }, 60_000);
  afterAll(async () => {
    for (const app of apps.values()) await app.stop();
    await house.close();
    await rm(dataDir, { recursive: true });
    await broker.drop(contexts.map(({ name }) => name));
  }, 60_000);

  /** What `apps/extracted/<name>` starts. */
  async function lift(name: string): Promise<RunningApp> {
    const declaration = contexts.find((it) => it.name === name);
    if (!declaration) throw new Error(`There is no context ${name}.`);
    const plan: AppPlan = { name, title: name, version: '1', contexts: [declaration], issuer: monolith.issuer };
    const app = await startApp(plan, readConfig({
      PORT: '0', DATA_DIR: dataDir, DATABASE_URL: house.storage.url, LOG_LEVEL: 'error', EVENT_BUS: 'rabbitmq', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace,
      ADMIN_EMAIL: house.monolith.operator.email, ADMIN_PASSWORD: house.monolith.operator.password,
    }));
    apps.set(name, app);
    return app;
  }

  const stage = (context: string, wish: object) => shop.send('POST', `/ops/v1/stages/${context}`, { token: shop.staff.token, body: { reason: 'a test', ...wish } });
  async function standing(context: string, wish: object): Promise<void> {
    const answer = await stage(context, wish);
    expect({ status: answer.status, body: answer.body }).toMatchObject({ status: 201 });
  }

  async function oneOrder(token: string): Promise<string> {
    const sku = await shop.article({ price: 250, stock: 20 });
    const id = await shop.order(token, [{ sku, quantity: 2 }]);
    expect(await shop.settled(id, 60_000)).toMatchObject({ status: 'confirmed', total: { amount: 500 } });
    await eventually(async () => { expect(await shop.paymentOf(id)).toMatchObject({ status: 'captured', captured: { amount: 500 } }); });
    return id;
  }

  it('refuses to send anything to an app that is not there, and says what to start', async () => {
    const answer = await stage('payments', { stage: 'canary', percent: 10 });
    expect(answer).toMatchObject({ status: 409, body: { code: 'stage-precondition-failed', checks: expect.arrayContaining([expect.objectContaining({ name: 'instances', ok: false, figures: { instances: 0 } })]) } });
    expect(answer.body.detail).toContain('npm run start:extracted -- payments');
  });

  it('takes payments out and back under continuous orders: no request fails, no effect is lost or doubled', async () => {
    const app = await lift('payments');
    const customer = await shop.customer();
    const sku = await shop.article({ price: 100, stock: 10_000 });
    const ids: string[] = [];
    const failed: unknown[] = [];
    const over = new AbortController();
    const buying = Array.from({ length: 3 }, async () => {
      while (!over.signal.aborted) {
        const answer = await shop.send('POST', '/v1/orders', { token: customer.token, body: { lines: [{ sku, quantity: 1 }] } });
        if (answer.status === 202) ids.push(answer.body.id); else failed.push(answer.body);
        const seen = await shop.send('GET', `/v1/payments?orderId=${answer.body.id}`, { token: customer.token });
        if (seen.status !== 200) failed.push(seen.body);
      }
    });
    const more = async (n: number): Promise<void> => { const target = ids.length + n; await eventually(() => { expect(ids.length).toBeGreaterThan(target); }); };
    await more(10);
    for (const wish of [{ stage: 'canary', percent: 10 }, { stage: 'canary', percent: 50 }, { stage: 'live' }, { stage: 'embedded' }]) {
      await standing('payments', wish);
      await more(20);
    }
    over.abort();
    await Promise.all(buying);
    expect(failed).toEqual([]);
    for (const id of ids) expect(await shop.settled(id, 60_000)).toMatchObject({ status: 'confirmed' });
    await house.monolith.settled();
    const [captured] = await house.storage.query<{ n: string; orders: string }>(`SELECT count(*) AS n, count(DISTINCT order_id) AS orders FROM payments.payment WHERE status = 'captured' AND order_id = ANY($1)`, [ids]);
    expect({ payments: Number(captured?.n), orders: Number(captured?.orders) }).toEqual({ payments: ids.length, orders: ids.length });
    const { body: journal } = await shop.send('GET', '/ops/v1/stages/journal?context=payments', { token: shop.staff.token });
    expect(journal.data.map(({ to }: { to: { stage: string; percent: number } }) => `${to.stage} ${to.percent}`)).toEqual(['embedded 0', 'live 100', 'canary 50', 'canary 10']);
    expect(app.url).not.toBe(house.monolith.url);
  }, 180_000);

  it('serves from the extracted process what is live, and nothing when it is not asked by the facade', async () => {
    const { url } = apps.get('payments') ?? await lift('payments');
    await standing('payments', { stage: 'live' });
    const customer = await shop.customer();
    const id = await oneOrder(customer.token);
    const direct = await request(url, 'GET', `/v1/payments?orderId=${id}`, { token: customer.token });
    expect(direct).toMatchObject({ status: 401, body: { code: 'call-refused' } });
    const forged = await request(url, 'GET', `/v1/payments?orderId=${id}`, { token: customer.token, headers: { 'x-banyan-service-token': customer.token } });
    expect(forged).toMatchObject({ status: 401, body: { code: 'call-refused' } });
    expect((await shop.send('GET', '/v1/payments/nonsense', { token: customer.token })).status).toBe(400);
    expect((await request(url, 'GET', '/health/ready')).status).toBe(200);
  }, 60_000);

  it('answers 503 at once while the extracted process is gone, and orders go through when it is back', async () => {
    const customer = await shop.customer();
    await standing('payments', { stage: 'live' });
    await apps.get('payments')?.stop();
    apps.delete('payments');
    const sku = await shop.article({ price: 100, stock: 5 });
    const id = await shop.order(customer.token, [{ sku, quantity: 1 }]);
    const seen = await shop.send('GET', `/v1/payments?orderId=${id}`, { token: customer.token });
    expect(seen).toMatchObject({ status: 503, body: { code: 'no-instance' } });
    expect(seen.headers.get('retry-after')).toBe('1');
    expect((await shop.send('GET', `/v1/orders/${id}`, { token: customer.token })).body.status).toBe('pending');
    await lift('payments');
    expect(await shop.settled(id, 60_000)).toMatchObject({ status: 'confirmed' });
    await standing('payments', { stage: 'embedded' });
  }, 120_000);

  it('takes a canary back by itself that fails where the monolith does not, and holds it there for a while', async () => {
    const broken = createServer((_request, response) => { response.writeHead(500).end('{}'); }).listen(0, '127.0.0.1');
    await once(broken, 'listening');
    const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
    await house.storage.query(`INSERT INTO facade.instance (id, app, url, contexts, seen_at) VALUES (gen_random_uuid(), 'catalog', $1, '{catalog}', now() + interval '1 hour')`, [url]);
    const customers = await Promise.all(Array.from({ length: 12 }, () => shop.customer()));
    await standing('catalog', { stage: 'canary', percent: 50 });
    expect((await shop.send('GET', '/ops/v1/stages', { token: shop.staff.token })).body.data).toContainEqual(expect.objectContaining({ context: 'catalog', stage: 'canary' }));
    await eventually(async () => {
      for (const { token } of customers) await shop.send('GET', '/v1/products', { token });
      const { body: stages } = await shop.send('GET', '/ops/v1/stages', { token: shop.staff.token });
      expect(stages.data.find((it: { context: string }) => it.context === 'catalog')).toMatchObject({ stage: 'embedded' });
    });
    const { body: journal } = await shop.send('GET', '/ops/v1/stages/journal?context=catalog&limit=1', { token: shop.staff.token });
    expect(journal.data[0]).toMatchObject({ actor: 'facade', reason: expect.stringMatching(/^rolled back by itself: it failed \d+ times where the monolith did not/) });
    expect(await stage('catalog', { stage: 'canary', percent: 50 })).toMatchObject({ status: 409, body: { checks: expect.arrayContaining([expect.objectContaining({ name: 'cool-down', ok: false })]) } });
    broken.closeAllConnections();
    broken.close();
    await house.storage.query('DELETE FROM facade.instance WHERE url = $1', [url]);
    await house.storage.query(`UPDATE facade.journal SET at = at - interval '1 hour' WHERE context = 'catalog'`);
  }, 60_000);

  it('takes back by itself a canary that fails now and then, or is slower by a third, and none that is as good', async () => {
    if (!apps.has('catalog')) await lift('catalog');
    const customers = await Promise.all(Array.from({ length: 12 }, () => shop.customer()));
    const over = new AbortController();
    const looking = [...customers, ...customers, ...customers].map(async ({ token }) => { while (!over.signal.aborted) await shop.send('GET', '/v1/products?limit=1', { token }); });
    const set = async (...faults: object[]) => {
      const ids: number[] = [];
      for (const it of faults) ids.push((await shop.send('POST', '/ops/v1/faults', { token: shop.staff.token, body: { target: 'GET /v1/products', seconds: 600, reason: 'a test', ...it } })).body.id);
      return async () => { for (const id of ids) await shop.send('DELETE', `/ops/v1/faults/${id}`, { token: shop.staff.token }); };
    };
    /** All in one process here, the way to the other app is longer than elsewhere, the more so on a busy machine: answers that take a while make that small. */
    const asGood = { kind: 'delay', delayMs: 300 };
    const stands = async () => (await shop.send('GET', '/ops/v1/stages', { token: shop.staff.token })).body.data.find((it: { context: string }) => it.context === 'catalog').stage;
    const why = async () => (await shop.send('GET', '/ops/v1/stages/journal?context=catalog&limit=1', { token: shop.staff.token })).body.data[0];

    let end = await set(asGood);
    await standing('catalog', { stage: 'canary', percent: 50 });
    await eventually(async () => { expect((await stage('catalog', { stage: 'live', dryRun: true })).body.checks).toContainEqual(expect.objectContaining({ name: 'canary', ok: true, figures: expect.objectContaining({ verdict: 'clean' }) })); }, 60_000);
    await standing('catalog', { stage: 'live' });
    for (const [faults, reason] of [
      [[{ kind: 'error', percent: 5, side: 'extracted' }, asGood], /^rolled back by itself: it failed \d+ times where the monolith did not/],
      [[{ ...asGood, side: 'embedded' }, { ...asGood, delayMs: 400, side: 'extracted' }], /^rolled back by itself: it was slower .* in \d+ of \d+ pairs/],
    ] as const) {
      await standing('catalog', { stage: 'embedded' });
      await end();
      end = await set(...faults);
      await standing('catalog', { stage: 'canary', percent: 50 });
      await eventually(async () => { expect(await stands()).toBe('embedded'); }, 60_000);
      expect(await why()).toMatchObject({ actor: 'facade', reason: expect.stringMatching(reason) });
      await house.storage.query(`UPDATE facade.journal SET at = at - interval '1 hour' WHERE context = 'catalog'`);
    }
    over.abort();
    await Promise.all(looking);
    await end();
  }, 240_000);

  it('is the same shop whichever context is lifted out, and with all of them at once', async () => {
    const customer = await shop.customer();
    for (const { name } of contexts) {
      if (!apps.has(name)) await lift(name);
      await standing(name, { stage: 'live' });
      await oneOrder(customer.token);
    }
    const id = await oneOrder((await shop.customer()).token);
    await eventually(async () => { expect(await shop.send('GET', `/v1/reports/orders/${id}`, { token: shop.staff.token })).toMatchObject({ status: 200, body: { status: 'confirmed' } }); });
    await eventually(async () => { expect((await shop.send('GET', `/v1/shipments?orderId=${id}`, { token: shop.staff.token })).body.data).toHaveLength(1); });
    for (const { name } of contexts) await standing(name, { stage: 'embedded' });
    await oneOrder(customer.token);
  }, 240_000);
});
