import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chance, eventually, newSeed } from '@banyan/kernel/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ReplayReport, replay } from '../../../cli/replay/replay.js';
import { ShopProcess } from './shop-process.js';
import { Shopping } from './shop.js';

const FILE = 'cli/replay/sample/invoices.csv';

let dataDir: string;
let port: number;
let running: ShopProcess;
const start = () => ShopProcess.start({ DATA_DIR: dataDir, PORT: String(port) });

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'banyan-replay-'));
  port = await freePort();
  running = await start();
}, 60_000);
afterAll(async () => {
  await running.kill('SIGTERM');
  await rm(dataDir, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  await new Promise((resolve) => { server.close(resolve); });
  if (typeof address !== 'object' || !address) throw new Error('No free port.');
  return address.port;
}

/** Counts what the shop has taken in so far. @throws while it is away */
async function ordersStored(shop: Shopping): Promise<number> {
  const { body } = await shop.send('GET', '/v1/orders?limit=100', { token: shop.staff.token });
  return body.data.length;
}

const seed = newSeed();

it(`real-looking invoices balance to the penny although the shop and its PostgreSQL are killed on the way (seed ${seed})`, async () => {
  const chance = new Chance(seed);
  const operator = await running.operator();
  const shop = await Shopping.at(running.url, operator);
  const replayed: Promise<ReplayReport> = replay({
    file: FILE, url: running.url, credentials: { login: operator }, concurrency: 2, rejects: join(dataDir, 'rejects.csv'),
  });
  const over = replayed.then(() => 'over' as const);
  const reached = (mark: number) => eventually(async () => { expect(await ordersStored(shop)).toBeGreaterThanOrEqual(mark); }, 60_000);

  for (const victim of ['shop', 'postgres', 'shop'] as const) {
    const mark = await ordersStored(shop).catch(() => 0) + 1 + chance.below(8);
    if (await Promise.race([over, reached(mark)]) === 'over') break;
    if (victim === 'postgres') {
      const [pid] = (await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
    } else {
      await running.kill('SIGKILL');
      running = await start();
    }
  }

  const { outcome, survey } = await replayed;
  expect(outcome).toMatchObject({ is: 'agreed' });
  expect(survey.documents).toBeGreaterThan(50);

  const again = await replay({ file: FILE, url: running.url, credentials: { login: operator }, rejects: join(dataDir, 'rejects.csv') });
  expect(again.outcome).toMatchObject({ is: 'agreed' });
}, 240_000);
