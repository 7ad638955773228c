import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDataFolder } from '../../lib/leftovers.mjs';
import { built, logWarningsOnly } from '../../lib/product.mjs';

await logWarningsOnly();

const { readConfig, startApp } = await built('libs/shared-kernel/app/index.js');
const { monolith } = await built('apps/monolith/monolith.js');

const admin = { email: 'operator@shop.example', password: 'a password for one bench' };
const customer = { email: 'customer@shop.example', password: 'another password for one bench', name: 'A customer' };

/** The monolith as `npm start` runs it, on the PostgreSQL of the bench, with warnings logged only. */
export async function contend() {
  let shop;
  let dataDir;
  return {
    async open({ url }) {
      dataDir = await mkdtemp(join(makeDataFolder(), 'shop-'));
      const environment = { PORT: '0', DATABASE_URL: url, DATA_DIR: dataDir, LOG_LEVEL: 'warn', ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password };
      shop = await startApp(monolith, readConfig(environment, monolith.contexts));
      const staffToken = await signIn(shop.url, admin);
      await send(shop.url, '/v1/users', customer);
      return {
        url: shop.url,
        staffToken,
        token: await signIn(shop.url, customer),
        confirmed: `SELECT count(*)::integer AS count FROM ordering.orders WHERE status = 'confirmed'`,
        unitsGone: `SELECT coalesce(sum(quantity), 0)::integer AS count FROM inventory.stock_movement WHERE kind = 'take'`,
        revenue: `SELECT coalesce(sum(credit), 0)::integer AS count FROM payments.streamed_line WHERE account = 'sales'`,
        reported: `SELECT coalesce(sum(revenue), 0)::integer AS count FROM reporting.sale`,
      };
    },
    async close() {
      await shop?.stop();
      shop = undefined;
      if (dataDir) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function signIn(url, { email, password }) {
  const { accessToken } = await send(url, '/v1/sessions', { email, password });
  return accessToken;
}

async function send(url, path, body) {
  const response = await fetch(new URL(path, url), { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
