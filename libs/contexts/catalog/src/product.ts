import { moneySchema, skuSchema, text } from '@banyan/kernel/contract';
import { z } from 'zod';

/** What staff decide about a product. */
export const offerSchema = z.strictObject({
  name: text(1, 200).trim().min(1, 'Is blank.'),
  price: moneySchema,
});
export type Offer = z.output<typeof offerSchema>;

/** A product as everybody sees it. */
export const productSchema = z.strictObject({ sku: skuSchema, ...offerSchema.shape }).meta({ id: 'Product' });
export type Product = z.output<typeof productSchema>;

/** A product and how often it was changed, from 1 on. */
export interface VersionedProduct {
  readonly product: Product;
  readonly version: number;
}

/** The product with this offer; an offer that changes nothing leaves the version alone. */
export function withOffer(current: VersionedProduct, offer: Offer): VersionedProduct {
  const { product, version } = current;
  const isSame = product.name === offer.name && product.price.amount === offer.price.amount && product.price.currency === offer.price.currency;
  return isSame ? current : { product: { sku: product.sku, ...offer }, version: version + 1 };
}

/** What a search looks through. The line break, which no search can contain, keeps SKU and name apart. */
export function searchText({ sku, name }: Product): string {
  return `${folded(sku)}\n${folded(name)}`;
}

/** Text without the differences that a search overlooks: case, and composed or not (é). */
export function folded(value: string): string {
  return value.normalize('NFKC').toLowerCase();
}
