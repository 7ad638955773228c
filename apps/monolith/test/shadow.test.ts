import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type TestDatabase, eventually, testDatabase } from '@banyan/kernel/testing';
import { ShopProcess } from './shop-process.js';
import { Shopping } from './shop.js';

/** How far the shadow is, and what it has found. */
interface Seen {
  readonly state: string;
  readonly trouble: string | null;
  readonly behind: string;
  readonly restarts: string;
  readonly captured: string;
  readonly findings: string;
}

/** The monolith and the app that payments is lifted into, as processes; no broker anywhere. */
describe('payments in shadow', () => {
  let storage: TestDatabase;
  let dataDir: string;
  let monolith: ShopProcess;
  let extracted: ShopProcess;
  let shop: Shopping;
  let environment: { DATA_DIR: string; DATABASE_URL: string; LOG_LEVEL: string; STRIPE_SECRET_KEY: string };
  beforeAll(async () => {
    storage = await testDatabase();
    dataDir = await mkdtemp(join(tmpdir(), 'banyan-shadow-'));
    environment = { DATA_DIR: dataDir, DATABASE_URL: storage.url, LOG_LEVEL: 'info', STRIPE_SECRET_KEY: 'a secret of payments' };
    monolith = await ShopProcess.start(environment);
    extracted = await ShopProcess.start({ ...environment, SOMETHING: 'of the environment' }, 'extracted/payments');
    shop = await Shopping.at(monolith.url, await monolith.operator());
  }, 60_000);
  afterAll(async () => {
    await extracted.kill('SIGTERM');
    await monolith.kill('SIGTERM');
    await storage.drop();
    await rm(dataDir, { recursive: true });
  }, 30_000);

  async function stage(stage: string): Promise<number> {
    return (await shop.send('POST', '/ops/v1/stages/payments', { token: shop.staff.token, body: { stage, reason: 'a test' } })).status;
  }

  async function buy(count: number): Promise<void> {
    const { token } = await shop.customer();
    const sku = await shop.article({ price: 100, stock: count });
    const ids = await Promise.all(Array.from({ length: count }, () => shop.order(token, [{ sku, quantity: 1 }])));
    for (const id of ids) expect(await shop.settled(id)).toMatchObject({ status: 'confirmed' });
  }

  async function seen(): Promise<Seen | undefined> {
    const [run] = await storage.query<Seen>(
      `SELECT state, trouble, behind, restarts, (SELECT coalesce(sum(compared), 0) FROM parallel_run.coverage WHERE run = run.id AND endpoint = 'payments.capture-payment') AS captured,
         (SELECT count(*) FROM parallel_run.finding WHERE run = run.id) AS findings FROM parallel_run.run ORDER BY started_at DESC LIMIT 1`);
    return run;
  }

  /** The process that plays. */
  async function player(): Promise<number> {
    const [pid] = await extracted.children();
    if (pid === undefined) throw new Error('Nobody plays.');
    return pid;
  }

  async function countsOf(table: string): Promise<number> {
    return Number((await storage.query<{ n: string }>(`SELECT count(*) AS n FROM payments.${table}`))[0]?.n);
  }

  async function nothingIsLeft(): Promise<void> {
    expect(await seen()).toMatchObject({ state: 'ended' });
    expect(await storage.query(`SELECT datname FROM pg_database WHERE datname LIKE current_database() || '_shadow%'`)).toEqual([]);
    expect(await storage.query(`SELECT tgname FROM pg_trigger WHERE tgname LIKE 'tape_%'`)).toEqual([]);
    expect(await countsOf('tape')).toBe(0);
    expect(await extracted.children()).toEqual([]);
  }

  it('do on a copy what they do, and nothing anywhere else', async () => {
    expect(await stage('shadow')).toBe(201);
    await eventually(async () => { expect(await seen()).toMatchObject({ state: 'playing' }); await player(); }, 20_000);
    await buy(20);
    await eventually(async () => { expect(await seen()).toMatchObject({ captured: '20', findings: '0' }); }, 20_000);
    expect([await countsOf('payment'), (await storage.query<{ n: string }>('SELECT count(*) AS n FROM ordering.orders'))[0]?.n]).toEqual([20, '20']);
    await eventually(async () => { expect((await storage.query('SELECT FROM payments.outbox_unread')).length).toBe(0); });
  }, 90_000);

  it('are no example for a context that does not say what is personal in its data', async () => {
    const { status, body } = await shop.send('POST', '/ops/v1/stages/notifications', { token: shop.staff.token, body: { stage: 'shadow', reason: 'a test' } });
    expect({ status, body }).toMatchObject({ status: 409, body: { checks: expect.arrayContaining([expect.objectContaining({ name: 'recordable', ok: false })]) } });
  });

  it('know no secret there, and have a role that may do nothing elsewhere', async () => {
    const told = Object.fromEntries((await readFile(`/proc/${await player()}/environ`, 'utf8')).split('\0').map((it) => it.split(/=(.*)/s).slice(0, 2)));
    expect(Object.keys(told).filter((it) => /URL|SECRET|PASSWORD/.test(it)).sort()).toEqual(['SHADOW_COPY_URL', 'SHADOW_STORE_URL', 'SHADOW_TAPE_URL']);
    expect(told).toMatchObject({ SOMETHING: 'of the environment' });
    const elsewhere = new URL(told['SHADOW_COPY_URL'] ?? '');
    elsewhere.pathname = new URL(storage.url).pathname;
    await expect(asking(elsewhere.href, 'SELECT 1')).rejects.toThrow(/permission denied for database/);
    await expect(asking(told['SHADOW_TAPE_URL'] ?? '', 'SELECT * FROM payments.payment')).rejects.toThrow(/permission denied/);
    await expect(asking(told['SHADOW_TAPE_URL'] ?? '', 'DELETE FROM payments.tape')).rejects.toThrow(/permission denied/);
    expect(await asking(told['SHADOW_COPY_URL'] ?? '', 'SELECT count(*)::int AS n FROM payments.payment')).toEqual([{ n: 20 }]);
  }, 30_000);

  it('are not missed when the process that plays is killed or stands still, and catch up', async () => {
    const { captured } = await seen() ?? { captured: '0' };
    const first = await player();
    process.kill(first, 'SIGKILL');
    await buy(10);
    await eventually(async () => { expect(await player()).not.toBe(first); }, 20_000);
    process.kill(await player(), 'SIGSTOP');
    await buy(10);
    process.kill(await player(), 'SIGCONT');
    await eventually(async () => { expect(await seen()).toMatchObject({ state: 'playing', behind: '0', captured: String(Number(captured) + 20), findings: '0', trouble: null }); }, 60_000);
    expect(Number((await seen())?.restarts)).toBeGreaterThan(0);
  }, 120_000);

  it('leave nothing behind when they are wanted no more', async () => {
    expect(await stage('embedded')).toBe(201);
    await eventually(nothingIsLeft, 20_000);
    await buy(2);
    expect(await countsOf('tape')).toBe(0);
  }, 60_000);

  it('leave nothing behind either when their app was killed before that: its next life takes away what is left', async () => {
    expect(await stage('shadow')).toBe(201);
    await eventually(async () => { expect(await seen()).toMatchObject({ state: 'playing' }); await player(); }, 20_000);
    await extracted.kill('SIGKILL');
    expect(await stage('embedded')).toBe(201);
    extracted = await ShopProcess.start(environment, 'extracted/payments');
    await eventually(nothingIsLeft, 20_000);
  }, 60_000);
});

async function asking(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
