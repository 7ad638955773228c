import { NotFound } from '@banyan/kernel/contract';
import { Injectable } from '@nestjs/common';
import type { VersionedProduct } from './product.js';
import { ProductRepository } from './product.repository.js';

/** One product as it stands. */
@Injectable()
export class ReadProduct {
  constructor(private readonly products: ProductRepository) {}

  /** @throws NotFound when the catalogue does not have it */
  async run(sku: string): Promise<VersionedProduct> {
    const found = await this.products.find(sku);
    if (!found) throw new NotFound(`The catalogue has no product ${sku}. SKUs are case-sensitive.`, { sku });
    return found;
  }
}
