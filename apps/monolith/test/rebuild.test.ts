import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningApp, startApp } from '@banyan/kernel/app';
import { type TestBroker, eventually, testBroker } from '@banyan/kernel/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { contexts } from '../contexts.js';
import { monolith } from '../monolith.js';
import { readConfig } from './read-config.js';
import { type ShopUnderTest, Shopping, openShop } from './shop.js';

const TABLES = ['customer', 'order_report', 'sale', 'refund'] as const;

let broker: TestBroker;
let house: ShopUnderTest;
let again: RunningApp | undefined;
let dataDir: string;
beforeAll(async () => {
  broker = await testBroker();
  dataDir = await mkdtemp(join(tmpdir(), 'banyan-rebuild-'));
  house = await openShop(overRabbitMq());
}, 60_000);
afterAll(async () => {
  await again?.stop();
  await house.close();
  await broker.drop(contexts.map(({ name }) => name));
  await rm(dataDir, { recursive: true });
});

const overRabbitMq = () => ({ EVENT_BUS: 'rabbitmq', EVENT_STREAM_DAYS: '30', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace });

/** Every row of reporting. */
async function reports(): Promise<Record<string, unknown[]>> {
  const tables = await Promise.all(TABLES.map(async (table) => [table, await house.storage.query(`SELECT * FROM reporting.${table} ORDER BY 1`)] as const));
  return Object.fromEntries(tables);
}

async function buy(shop: Shopping, quantity: number): Promise<string> {
  const [sku, customer] = [await shop.article({ price: 1_250, stock: 10 }), await shop.customer()];
  const id = await shop.order(customer.token, [{ sku, quantity }]);
  await shop.settled(id);
  return id;
}

it('reporting is made anew from the stream, row by row as it was, while the shop goes on selling', async () => {
  for (const quantity of [1, 2, 3]) await buy(house.shop, quantity);
  await house.monolith.settled();
  const before = await reports();
  expect(before['sale']).toHaveLength(3);
  await house.monolith.stop();
  await house.storage.query('DELETE FROM reporting.customer; UPDATE reporting.sale SET revenue = revenue + 1; UPDATE reporting.order_report SET captured = 0');

  const { email, password } = house.monolith.operator;
  const environment = { PORT: '0', DATA_DIR: dataDir, DATABASE_URL: house.storage.url, LOG_LEVEL: 'error', ADMIN_EMAIL: email, ADMIN_PASSWORD: password, ...overRabbitMq() };
  again = await startApp(monolith, readConfig({ ...environment, REBUILD: 'reporting' }));
  const shop = await Shopping.at(again.url, again.operator);
  await buy(shop, 4);
  await again.settled();
  const after = await reports();
  for (const table of TABLES) expect(after[table]).toEqual(expect.arrayContaining(before[table] ?? []));
  expect(after['sale']).toHaveLength(4);
  await eventually(async () => { expect((await shop.send('GET', '/health/ready')).body.status).toBe('ok'); });
}, 120_000);
