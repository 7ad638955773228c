import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { ContenderFailed } from '../lib/contender.mjs';

const CLIENTS = 16;
const ARTICLES = 200;
const LINES = 10;

const skuOf = (article) => `SKU-${String(article).padStart(4, '0')}`;
const priceOf = (article) => 100 + article;

/** The n-th order: ten different articles, one to three of each. */
export function orderOf(n) {
  const first = Math.imul(n, 2_654_435_761) >>> 0;
  const articles = Array.from({ length: LINES }, (_, at) => (first + at * 17) % ARTICLES);
  return {
    lines: articles.map((article, at) => ({ sku: skuOf(article), quantity: 1 + ((first + at) % 3) })),
    units: articles.reduce((sum, _, at) => sum + 1 + ((first + at) % 3), 0),
    total: articles.reduce((sum, article, at) => sum + priceOf(article) * (1 + ((first + at) % 3)), 0),
  };
}

/** Customers of a shop, sixteen at once. */
export class Shopping {
  #pool;

  /** @param {{ url: string, token: string, staffToken: string }} shop */
  constructor(shop) {
    this.shop = shop;
    this.#pool = new Pool(shop.url, { connections: CLIENTS, pipelining: 1 });
  }

  async stockUp() {
    await inParallel(ARTICLES, async (n) => {
      await this.#send('PUT', `/v1/products/${skuOf(n - 1)}`, { name: `Article ${n}`, price: { amount: priceOf(n - 1), currency: 'GBP' } }, this.shop.staffToken);
      await this.#send('POST', `/v1/stock/${skuOf(n - 1)}/receipts`, { quantity: 1_000_000 }, this.shop.staffToken);
    });
  }

  /** @returns {Promise<Float64Array>} how long each answer took, in milliseconds */
  async orderMany(firstOrder, count) {
    const took = new Float64Array(count);
    await inParallel(count, async (n) => {
      const from = performance.now();
      await this.order(firstOrder + n - 1);
      took[n - 1] = performance.now() - from;
    });
    return took;
  }

  /** @param {number} n @returns {Promise<{ id: string, status: string }>} the answer */
  order(n) {
    return this.#send('POST', '/v1/orders', { lines: orderOf(n).lines }, this.shop.token);
  }

  /** Looks until the order is confirmed. */
  async untilConfirmed({ id, status }) {
    for (let now = status; now !== 'confirmed'; ({ status: now } = await this.#send('GET', `/v1/orders/${id}`, undefined, this.shop.token))) {
      if (now !== 'pending') throw new ContenderFailed(`The order ${id} became ${now}.`);
      await sleep(1);
    }
  }

  async close() {
    await this.#pool.close();
  }

  async #send(method, path, body, token) {
    const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }) };
    const { statusCode, body: answer } = await this.#pool.request({ method, path, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (statusCode >= 300) throw new ContenderFailed(`${method} ${path} answered ${statusCode}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  }
}

async function inParallel(count, work) {
  let next = 1;
  const client = async () => {
    while (next <= count) {
      const n = next;
      next += 1;
      await work(n);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}
