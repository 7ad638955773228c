import { setTimeout as sleep } from 'node:timers/promises';
import { ContenderFailed } from '../lib/contender.mjs';
import { cpuFigure, cpuPerUnit } from '../lib/cpu-per-unit.mjs';
import { percentile } from '../lib/statistics.mjs';

const ALONE = 200;
const PATIENCE_MS = 120_000;
const WARM_UP = 50;

/** What the architecture costs. */
export const bench = {
  name: 'orders',
  title: 'Orders, and the price of the architecture',
  work: 'Sixteen customers place orders of ten lines over HTTP, until every order is confirmed: priced, stock taken, paid, booked and reported. Ours goes through six contexts, a saga of five steps and the bus; the peer is the same shop as one Fastify handler with one transaction. Both verify a token, keep idempotency keys and store the same facts, which are checked afterwards.',
  unit: 'orders',
  count: 2_000,
  figures: {
    orders: { unit: 'orders/s', better: 'more', about: 'from the first request until the last order is confirmed' },
    'cpu-orders': cpuFigure('orders', 'order'),
    'accept-p50': { unit: 'ms', better: 'less', about: 'from request to answer under that load' },
    'accept-p99': { unit: 'ms', better: 'less', about: 'the same, for the slowest of a hundred' },
    'confirm-p50': { unit: 'ms', better: 'less', about: `from request to confirmed while nothing else goes on (median of ${ALONE})` },
  },
  contenders: [
    { name: 'banyan', about: 'the monolith as it is built, all contexts in one process', packages: [], modules: ['orders/contenders/banyan.mjs'], ours: true },
    { name: 'plain-shop', about: 'one Fastify handler and one transaction on `pg`, see `bench/peers/plain-shop`', packages: ['fastify', 'pg'], modules: ['orders/contenders/plain-shop.mjs'] },
  ],
  parts: [{ name: 'shopping', figures: ['orders', 'cpu-orders', 'accept-p50', 'accept-p99', 'confirm-p50'], warmsUp: true, run: shop }],
};

async function shop(side, { server, count, isWarmUp }) {
  const database = await server.createDatabase(side.name);
  const { orderOf, Shopping } = await import('./shopping.mjs'); // which needs what only benches install
  let shopping;
  try {
    const opened = await side.ask('open', { url: database.url });
    shopping = new Shopping(opened);
    await shopping.stockUp();
    await shopping.orderMany(1, WARM_UP);
    const figures = await server.look(database.url, (client) => goShopping(shopping, opened, { side, server, client, count, orderOf, alone: isWarmUp ? 0 : Math.min(ALONE, count) }));
    return { figures };
  } finally {
    await shopping?.close();
    await side.ask('close').catch(() => undefined);
    await server.dropDatabase(database.name);
  }
}

async function goShopping(shopping, queries, { side, server, client, count, orderOf, alone }) {
  await untilIs(client, queries.confirmed, WARM_UP);
  const from = performance.now();
  const { value: took, cpu } = await cpuPerUnit(side, server, count, () => side.profiled('orders', async () => {
    const answers = await shopping.orderMany(WARM_UP + 1, count);
    await untilIs(client, queries.confirmed, WARM_UP + count);
    return answers;
  }));
  const orders = count / ((performance.now() - from) / 1_000);
  const confirms = [];
  for (let n = 1; n <= alone; n += 1) confirms.push(await timeOfOne(shopping, WARM_UP + count + n));
  await booksAgree(client, queries, Array.from({ length: WARM_UP + count + alone }, (_, at) => orderOf(at + 1)));
  return {
    orders, 'accept-p50': percentile(took, 0.5), 'accept-p99': percentile(took, 0.99),
    ...(cpu !== undefined && { 'cpu-orders': cpu }), ...(alone > 0 && { 'confirm-p50': percentile(confirms, 0.5) }),
  };
}

async function timeOfOne(shopping, n) {
  const from = performance.now();
  await shopping.untilConfirmed(await shopping.order(n));
  return performance.now() - from;
}

/** Every unit that was ordered has left the shelf, and every penny was booked and reported. */
async function booksAgree(client, { unitsGone, revenue, reported }, all) {
  const total = all.reduce((sum, it) => sum + it.total, 0);
  await untilIs(client, unitsGone, all.reduce((sum, it) => sum + it.units, 0));
  await untilIs(client, revenue, total);
  await untilIs(client, reported, total);
}

/** @throws ContenderFailed when it never comes to that, or goes past it */
async function untilIs(client, sql, wanted) {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows: [found] } = await client.query(sql);
    if (found.count === wanted) return;
    if (found.count > wanted || performance.now() > giveUpAt) throw new ContenderFailed(`${found.count} instead of ${wanted}: ${sql}`);
    await sleep(10);
  }
}
