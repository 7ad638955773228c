import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestDatabase, eventually, testDatabase } from '@banyan/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { ShopProcess } from './shop-process.js';
import { Shopping, request } from './shop.js';

/** Where the process is killed: while the transaction that does this is about to write. */
const points: [string, { table: string; on: 'INSERT' | 'UPDATE'; when: string }][] = [
  ['the order is stored', { table: 'ordering.orders', on: 'INSERT', when: 'true' }],
  ['stock is reserved', { table: 'inventory.reservation', on: 'INSERT', when: 'true' }],
  ['the saga notes that stock is reserved', { table: 'ordering.saga', on: 'UPDATE', when: `NEW.step = 'authorize-payment' AND OLD.step <> NEW.step` }],
  ['the payment is begun', { table: 'payments.payment', on: 'INSERT', when: 'true' }],
  ['the authorisation is stored', { table: 'payments.payment', on: 'UPDATE', when: `NEW.status = 'authorized' AND OLD.status <> NEW.status` }],
  ['the saga notes that payment is authorised', { table: 'ordering.saga', on: 'UPDATE', when: `NEW.step = 'confirm' AND OLD.step <> NEW.step` }],
  ['the order is confirmed', { table: 'ordering.orders', on: 'UPDATE', when: `NEW.status = 'confirmed'` }],
  ['the capture is stored', { table: 'payments.payment', on: 'UPDATE', when: `NEW.status = 'captured' AND OLD.status <> NEW.status` }],
  ['the saga notes that payment is captured', { table: 'ordering.saga', on: 'UPDATE', when: `NEW.step = 'take-stock' AND OLD.step <> NEW.step` }],
  ['stock is taken', { table: 'inventory.reservation', on: 'UPDATE', when: `NEW.status = 'taken' AND OLD.status <> NEW.status` }],
  ['the saga notes its end', { table: 'ordering.saga', on: 'UPDATE', when: 'NEW.step IS NULL AND OLD.step IS NOT NULL' }],
];

const LOCK = 4711;

/** Makes the first transaction that comes to the point wait there; resolves `reached` when it does. */
async function barrier(storage: TestDatabase, { table, on, when }: (typeof points)[number][1]) {
  const gate = new Client({ connectionString: storage.url });
  await gate.connect();
  await gate.query('SELECT pg_advisory_lock($1)', [LOCK]);
  await gate.query('DROP SCHEMA IF EXISTS barrier CASCADE');
  await gate.query('CREATE SCHEMA barrier');
  await gate.query(`CREATE FUNCTION barrier.wait() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN PERFORM pg_advisory_xact_lock(${LOCK}); RETURN NEW; END $$`);
  await gate.query(`CREATE TRIGGER barrier BEFORE ${on} ON ${table} FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION barrier.wait()`);
  return {
    reached: () => eventually(async () => {
      const { rows } = await gate.query(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted`);
      if (rows.length === 0) throw new Error(`Nothing has come to ${on} on ${table} when ${when}.`);
    }, 30_000),
    open: async () => {
      await gate.query('SELECT pg_advisory_unlock($1)', [LOCK]);
      await gate.query(`DROP TRIGGER barrier ON ${table}`);
      await gate.end();
    },
  };
}

/** What a dead process held is free when its lease of ten seconds is over; so much time goes by here at once. */
async function letLeasesEnd(storage: TestDatabase): Promise<void> {
  await storage.query(`UPDATE ordering.saga SET due_at = clock_timestamp() WHERE status = 'running'`);
}

describe('an order whose process is killed while', () => {
  let dataDir: string;
  let storage: TestDatabase;
  let running: ShopProcess;
  let operator: { email: string; password: string };
  const start = () => ShopProcess.start({ DATA_DIR: dataDir, DATABASE_URL: storage.url });

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'banyan-killed-'));
    storage = await testDatabase();
    running = await start();
    operator = await running.operator();
  });
  afterAll(async () => {
    await running.kill('SIGTERM');
    await storage.drop();
    await rm(dataDir, { recursive: true });
  });

  it.each(points)('%s ends confirmed, with every effect exactly once', async (_where, point) => {
    const before = await Shopping.at(running.url, operator);
    const [sku, customer] = [await before.article({ price: 400, stock: 10 }), await before.customer()];
    const order = { token: customer.token, key: randomUUID(), body: { lines: [{ sku, quantity: 3 }] } };
    const gate = await barrier(storage, point);
    const first = before.send('POST', '/v1/orders', order).catch(() => undefined);
    await gate.reached();
    await running.kill('SIGKILL');
    await first;
    await gate.open();

    await letLeasesEnd(storage);
    running = await start();
    const shop = await Shopping.at(running.url, operator);
    const { body: { id } } = await request(running.url, 'POST', '/v1/orders', order);
    expect(await shop.settled(id, 30_000)).toMatchObject({ status: 'confirmed' });
    await eventually(async () => { expect(await shop.stock(sku)).toEqual({ onHand: 7, reserved: 0, available: 7 }); }, 30_000);
    expect(await shop.paymentOf(id)).toMatchObject({ captured: { amount: 1_200 }, refunded: { amount: 0 } });
    expect(await shop.ledgerBalance()).toBe(0);
    expect((await shop.send('GET', '/v1/orders', { token: customer.token })).body.data).toHaveLength(1);
    const movements = await storage.query<{ kind: string }>('SELECT kind FROM inventory.stock_movement WHERE sku = $1 ORDER BY 1', [sku]);
    expect(movements.map((it) => it.kind)).toEqual(['receipt', 'reserve', 'take']);
    await eventually(async () => {
      expect(await storage.query('SELECT units, revenue FROM reporting.sale WHERE order_id = $1', [id])).toEqual([{ units: '3', revenue: '1200' }]);
    });
  }, 120_000);
});
