import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppPlan, type RunningApp, startApp } from '@banyan/kernel/app';
import { readMetrics } from '@banyan/kernel/observability';
import type { Migration } from '@banyan/kernel/persistence';
import { type TestBroker, type TestDatabase, eventually, testBroker, testDatabase } from '@banyan/kernel/testing';
import { monolith as older } from '../monolith.js';
import { readConfig } from './read-config.js';
import { Shopping } from './shop.js';

/** What the next version brings: it only adds, as `npx banyan migrations check` asks for. */
const weights: Migration = { name: '9001-weights', sql: 'ALTER TABLE order_report ADD COLUMN weight_in_grams integer' };
const places: Migration = { name: '9001-places', sql: `ALTER TABLE orders ADD COLUMN place text NOT NULL DEFAULT 'web'` };
const byDay: Migration = { name: '9002-by-day', index: 'orders_by_day', sql: 'CREATE INDEX CONCURRENTLY orders_by_day ON orders (placed_at)' };
const parcels: Migration = { name: '9001-parcels', sql: 'ALTER TABLE shipment ADD COLUMN parcels integer' };
const brought: Readonly<Record<string, readonly Migration[]>> = { reporting: [weights], ordering: [places, byDay], shipping: [parcels] };

const newer: AppPlan = { ...older, contexts: older.contexts.map((it) => ({ ...it, migrations: [...it.migrations, ...(brought[it.name] ?? [])] })) };
/** One context of the next version, lifted out. */
const newerShipping: AppPlan = { ...newer, name: 'shipping', contexts: newer.contexts.filter(({ name }) => name === 'shipping'), fronts: [] };

const operator = { ADMIN_EMAIL: 'operator@shop.example', ADMIN_PASSWORD: 'kf93-kd92-lq01' };
let storage: TestDatabase;
let dataDir: string;
const running = new Set<RunningApp>();
beforeAll(async () => { dataDir = await mkdtemp(join(tmpdir(), 'banyan-versions-')); });
afterAll(() => rm(dataDir, { recursive: true }));
afterEach(async () => {
  for (const app of [...running].toReversed()) await stop(app);
  await storage.drop();
});

/** One more process of a version. */
async function start(plan: AppPlan, environment: Readonly<Record<string, string>> = {}): Promise<RunningApp> {
  const app = await startApp(plan, readConfig({ ...operator, ...environment, PORT: '0', DATA_DIR: dataDir, DATABASE_URL: storage.url, LOG_LEVEL: 'error' }));
  running.add(app);
  return app;
}

async function stop(app: RunningApp): Promise<void> {
  running.delete(app);
  await app.stop();
}

const shopAt = (app: RunningApp): Promise<Shopping> => Shopping.at(app.url, app.operator);

/** What a process has counted of a context. */
async function figure({ url }: RunningApp, name: string, context: string): Promise<number> {
  return readMetrics(await (await fetch(new URL('/metrics', url))).text()).sum(name, { context }) ?? 0;
}

/** Somebody orders something here, and finds it confirmed and reported there. */
async function orderIsSeen(here: RunningApp, there: RunningApp): Promise<void> {
  const [shop, other] = [await shopAt(here), await shopAt(there)];
  const [sku, customer] = [await shop.article({ stock: 10 }), await shop.customer()];
  const id = await shop.order(customer.token, [{ sku, quantity: 1 }]);
  expect(await other.settled(id, 30_000)).toMatchObject({ status: 'confirmed' });
  await eventually(async () => { expect(await other.send('GET', `/v1/reports/orders/${id}`, { token: other.staff.token })).toMatchObject({ status: 200, body: { status: 'confirmed' } }); }, 30_000);
}

describe('two versions of the shop on one database', () => {
  beforeAll(async () => { storage = await testDatabase(); });

  it('serve together, take over each other\'s events, and start in any order', async () => {
    const first = await start(older);
    await orderIsSeen(first, first);
    const second = await start(newer);
    await orderIsSeen(first, second);
    await orderIsSeen(second, first);

    await stop(first);
    await orderIsSeen(second, second);
    expect(await figure(second, 'banyan_events_handled_total', 'reporting')).toBeGreaterThan(0);

    const third = await start(older); // the database knows migrations that it does not
    await orderIsSeen(third, second);
    await stop(second);
    await orderIsSeen(third, third);
    expect(await figure(third, 'banyan_events_handled_total', 'reporting')).toBeGreaterThan(0);

    const [rows] = await storage.query<{ orders: number; reports: number; migrations: string[] }>(`SELECT
      (SELECT count(*)::int FROM ordering.orders WHERE place = 'web') AS orders, (SELECT count(*)::int FROM reporting.order_report WHERE weight_in_grams IS NULL) AS reports,
      (SELECT array_agg(name ORDER BY name) FROM ordering.migration WHERE name LIKE '9%') AS migrations`);
    expect(rows).toEqual({ orders: 6, reports: 6, migrations: ['9001-places', '9002-by-day'] });
  }, 180_000);
});

describe('a context whose next version is lifted out beside the one before', () => {
  let broker: TestBroker;
  beforeAll(async () => { [storage, broker] = await Promise.all([testDatabase(), testBroker()]); });
  afterAll(() => broker.drop(older.contexts.map(({ name }) => name)));

  it('shares requests and events with it, and the older one starts again after the newer has migrated', async () => {
    const bus = { EVENT_BUS: 'rabbitmq', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace };
    const before = await start(older, bus);
    const lifted = await start(newerShipping, bus);
    const shop = await shopAt(before);
    const moved = await shop.send('POST', '/ops/v1/stages/shipping', { token: shop.staff.token, body: { stage: 'canary', percent: 50, reason: 'a test' } });
    expect(moved).toMatchObject({ status: 201 });
    await bothWork(before, lifted);

    await stop(before);
    const again = await start(older, bus);
    await bothWork(again, lifted);
  }, 180_000);

  /** Customers order and look for their shipments, until both sides have handled events and requests. */
  async function bothWork(monolith: RunningApp, lifted: RunningApp): Promise<void> {
    const shop = await shopAt(monolith);
    const sku = await shop.article({ stock: 1_000 });
    const work = async (): Promise<number[]> => Promise.all([monolith, lifted].flatMap((it) => ['banyan_events_handled_total', 'banyan_http_requests_total'].map((name) => figure(it, name, 'shipping'))));
    const begun = await work();
    const orders: { readonly id: string; readonly token: string }[] = [];
    await eventually(async () => {
      const { token } = await shop.customer();
      orders.push({ id: await shop.order(token, [{ sku, quantity: 1 }]), token });
      for (const it of orders) await shop.send('GET', `/v1/shipments?orderId=${it.id}`, { token: it.token });
      expect((await work()).map((it, i) => it > (begun[i] ?? 0))).toEqual([true, true, true, true]);
    }, 60_000);
    for (const { id, token } of orders) {
      expect(await shop.settled(id, 30_000)).toMatchObject({ status: 'confirmed' });
      await eventually(async () => { expect((await shop.send('GET', `/v1/shipments?orderId=${id}`, { token })).body.data).toHaveLength(1); }, 30_000);
    }
  }
});
