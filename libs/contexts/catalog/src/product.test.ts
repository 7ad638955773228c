import { describe, expect, it } from '@jest/globals';
import { folded, offerSchema, searchText, withOffer } from './product.js';

const price = { amount: 255, currency: 'GBP' } as const;
const current = { product: { sku: '85123A', name: 'Heart T-Light Holder', price }, version: 3 };

describe('an offer', () => {
  it.each([
    ['another name', { name: 'White Heart', price }],
    ['another price', { name: 'Heart T-Light Holder', price: { ...price, amount: 254 } }],
  ])('makes a new version with %s', (_, offer) => {
    expect(withOffer(current, offer)).toEqual({ product: { sku: '85123A', ...offer }, version: 4 });
  });

  it('leaves the version alone when it changes nothing', () => {
    expect(withOffer(current, { name: 'Heart T-Light Holder', price: { ...price } })).toBe(current);
  });

  it.each([
    ['no name', { name: ' ', price }],
    ['half a penny', { name: 'x', price: { ...price, amount: 0.5 } }],
    ['a negative price', { name: 'x', price: { ...price, amount: -1 } }],
    ['another currency', { name: 'x', price: { amount: 1, currency: 'EUR' } }],
    ['a SKU beside the address', { name: 'x', price, sku: 'A' }],
  ])('is refused with %s', (_, offer) => {
    expect(offerSchema.safeParse(offer).success).toBe(false);
  });
});

describe('the text that is searched', () => {
  it('overlooks case and how letters are composed', () => {
    expect(folded('CAFE\u0301')).toBe(folded('caf\u00e9'));
    expect(searchText(current.product)).toBe('85123a\nheart t-light holder');
  });
});
