import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { catalogContract } from '../contract/index.js';
import { ProductRepository } from './product.repository.js';

const { priceProducts } = catalogContract.queries;

/** Names and prices in one statement, in the order asked for; a SKU asked for twice is answered once. */
@Handles(priceProducts)
export class PriceProducts {
  constructor(private readonly products: ProductRepository) {}

  async run({ skus }: InputOf<typeof priceProducts>): Promise<OutputOf<typeof priceProducts>> {
    const wanted = [...new Set(skus)];
    const found = new Map((await this.products.findAll(wanted)).map((product) => [product.sku, product]));
    return {
      products: wanted.flatMap((sku) => found.get(sku) ?? []),
      unknown: wanted.filter((sku) => !found.has(sku)),
    };
  }
}
