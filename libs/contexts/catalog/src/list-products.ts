import { cursorPage, skuSchema, text } from '@banyan/kernel/contract';
import { type Page, page, pageQuery, readCursor } from '@banyan/kernel/http';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type Product, productSchema } from './product.js';
import { ProductRepository } from './product.repository.js';

export const productQuerySchema = z.strictObject({
  ...pageQuery.shape,
  q: text(0, 100).default('').describe('Part of the SKU or of the name; case does not matter, and no character is a wildcard.'),
});
export const productPageSchema = cursorPage(productSchema);

/** The catalogue, or what a search finds in it, in the order of SKUs. */
@Injectable()
export class ListProducts {
  constructor(private readonly products: ProductRepository) {}

  /** @throws InvalidInput when the cursor is not one that this list gave out */
  async run({ q, limit, cursor }: z.output<typeof productQuerySchema>): Promise<Page<Product>> {
    const after = readCursor(cursor, skuSchema) ?? '';
    const rows = await this.products.list(after, q, limit + 1);
    return page(rows, limit, (product) => product.sku);
  }
}
