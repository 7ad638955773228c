import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ContextUnderTest, contextUnderTest } from '@banyan/kernel/testing';
import { catalogContract } from '../contract/index.js';
import { catalog } from '../index.js';

const staff = { id: '019a0000-0000-7000-8000-000000000001', roles: ['staff'] };

let shop: ContextUnderTest;
beforeAll(async () => {
  shop = await contextUnderTest(catalog);
  for (const [sku, amount] of [['A-1', 100], ['B 2', 0], ['c/3', 100_000_000_000]] as const) {
    await shop.http('PUT', `/v1/products/${encodeURIComponent(sku)}`, { as: staff, body: { name: `Name of ${sku}`, price: { amount, currency: 'GBP' } } });
  }
});
afterAll(async () => { await shop.close(); });

const ask = (skus: string[]) => shop.input(() => shop.host.clientOf(catalogContract).priceProducts({ skus }));

describe('catalog.price-products', () => {
  it('answers in the order asked for, the unknown apart, what is asked for twice once', async () => {
    expect(await ask(['c/3', 'no-1', 'A-1', 'c/3', 'a-1'])).toEqual({
      products: [
        { sku: 'c/3', name: 'Name of c/3', price: { amount: 100_000_000_000, currency: 'GBP' } },
        { sku: 'A-1', name: 'Name of A-1', price: { amount: 100, currency: 'GBP' } },
      ],
      unknown: ['no-1', 'a-1'],
    });
  });

  it('takes 2,000 SKUs at once', async () => {
    const skus = Array.from({ length: 2_000 }, (_, i) => (i === 1_999 ? 'B 2' : `unknown-${i}`));
    const { products, unknown } = await ask(skus);
    expect([products.map((it) => it.sku), unknown.length]).toEqual([['B 2'], 1_999]);
  });

  it.each([['none', []], ['2,001', Array.from({ length: 2_001 }, (_, i) => `s${i}`)], ['a malformed SKU', ['\u0000']]])('refuses %s', async (_, skus) => {
    await expect(ask(skus)).rejects.toMatchObject({ code: 'invalid-input' });
  });
});
