import { z } from 'zod';

const money = z.strictObject({ amount: z.int(), currency: z.string().length(3) });

/** What is asked and answered: the prices of ten articles. */
export const input = z.strictObject({ skus: z.array(z.string().min(1).max(64)).min(1).max(100) });
export const output = z.strictObject({ products: z.array(z.strictObject({ sku: z.string(), name: z.string(), price: money })) });

/** The n-th question. @param {number} n */
export const question = (n) => ({ skus: Array.from({ length: 10 }, (_, at) => `SKU-${(n * 10 + at) % 10_000}`) });

let answered = 0;

/** How often this process has answered since it was last asked: who says that he calls another process must not answer himself. */
export function answers() {
  const since = answered;
  answered = 0;
  return since;
}

/** What the callee does. @param {{ skus: string[] }} asked */
export function answer(asked) {
  answered += 1;
  return pricesOf(asked);
}

const pricesOf = ({ skus }) => ({ products: skus.map((sku) => ({ sku, name: `Article ${sku}`, price: { amount: priceOf(sku), currency: 'GBP' } })) });

/** @param {object} given @param {{ skus: string[] }} asked */
export function isAnswerTo({ products }, { skus }) {
  return products.length === skus.length && products.every((it, at) => it.sku === skus[at] && it.price.amount === priceOf(skus[at]));
}

const priceOf = (sku) => Number(sku.slice(4)) + 100;
