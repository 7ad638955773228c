import { defineContract, moneySchema, query, skuSchema, text } from '@banyan/kernel/contract';
import { z } from 'zod';

/** What the given articles are called and cost; articles that the catalogue does not know are listed apart. */
const priceProducts = query('catalog.price-products', {
  input: z.strictObject({ skus: z.array(skuSchema).min(1).max(2_000) }),
  output: z.strictObject({
    products: z.array(z.strictObject({ sku: skuSchema, name: text(1, 200), price: moneySchema })),
    unknown: z.array(skuSchema),
  }),
});

export const catalogContract = defineContract({
  name: 'catalog',
  commands: {},
  queries: { priceProducts },
  events: {},
});
