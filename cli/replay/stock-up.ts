import { createHash } from 'node:crypto';
import { z } from 'zod';
import { inFlight } from './in-flight.js';
import type { Screen } from './screen.js';
import { Refused, type Shop } from './shop.js';
import type { Article, Survey } from './survey.js';
import type { Tally } from './tally.js';

const Anything = z.unknown();

/**
 * Creates the products and receives the stock that the whole file sells. The keys come from the
 * file's content and the SKU, so no repetition, with whatever limit, receives anything twice.
 */
export async function stockUp(
  { fileId, articles }: Pick<Survey, 'fileId' | 'articles'>,
  { shop, screen, concurrency, stop }: { shop: Shop; screen: Screen; concurrency: number; stop: AbortSignal },
  { failures }: Pick<Tally, 'failures'>,
): Promise<void> {
  const task = screen.begin('products and stock', articles.size);
  try {
    await inFlight(articles, concurrency, stop, ([sku, article]) =>
      task.step(async () => {
        try {
          await stockUpArticle(shop, fileId, sku, article);
        } catch (error) {
          if (!(error instanceof Refused)) throw error;
          failures.push({ what: `product ${sku}`, code: error.code, detail: error.detail });
        }
      }),
    );
  } finally {
    task.end();
  }
}

async function stockUpArticle(shop: Shop, fileId: string, sku: string, article: Article): Promise<void> {
  const path = encodeURIComponent(sku);
  // SKUs hold spaces and worse, headers must not: the key carries a digest of the SKU.
  const key = `${fileId}-${createHash('sha256').update(sku).digest('hex').slice(0, 16)}`;
  const product = { name: article.name, price: { amount: article.price, currency: 'GBP' } };
  await shop.send({ method: 'PUT', path: `/v1/products/${path}`, key: `product-${key}`, body: product }, Anything);
  // Some articles only ever come back in this file; nothing is received for them.
  if (article.sold === 0) return;
  const receipt = { quantity: article.sold };
  await shop.send({ method: 'POST', path: `/v1/stock/${path}/receipts`, key: `receipt-${key}`, body: receipt }, Anything);
}
