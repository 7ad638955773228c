import { describe, expect, it } from '@jest/globals';
import { classify, COLUMNS } from './classify.js';

const sale = {
  InvoiceNo: '536365',
  StockCode: '85123A',
  Description: 'WHITE LANTERN',
  Quantity: '6',
  InvoiceDate: '2010-12-01 08:26:00',
  UnitPrice: '2.55',
  CustomerID: '17850',
  Country: 'United Kingdom',
};
const back = { ...sale, InvoiceNo: 'C536379', Quantity: '-6' };

function classified(fields: Record<string, string>) {
  return classify({ line: 2, columns: COLUMNS.map((name) => fields[name] ?? '') });
}

describe('classify', () => {
  it('reads a sale line', () => {
    expect(classified(sale)).toMatchObject({
      is: 'sale',
      invoice: '536365',
      line: { sku: '85123A', quantity: 6, unitPrice: 255, customerId: '17850', at: '2010-12-01T08:26:00Z' },
    });
  });

  it('reads a return line, with the quantity that comes back', () => {
    expect(classified(back)).toMatchObject({ is: 'return', invoice: 'C536379', line: { quantity: 6, unitPrice: 255 } });
  });

  it.each(['', 'NA', ' '])('takes customer %j for a guest', (CustomerID) => {
    expect(classified({ ...sale, CustomerID })).toMatchObject({ line: { customerId: 'guest' } });
  });

  it.each(['POST', 'BANK CHARGES', 'gift_0001_20', 'm', '85123a', 'D'])('keeps the code %j as it is written', (StockCode) => {
    expect(classified({ ...sale, StockCode })).toMatchObject({ line: { sku: StockCode } });
  });

  it.each([
    ['non-positive price', sale, { UnitPrice: '0' }],
    ['non-positive price', sale, { UnitPrice: '-3.10' }],
    ['non-positive price', back, { UnitPrice: '0.00' }],
    ['non-positive price', sale, { UnitPrice: '0', Quantity: '-30' }],
    ['price finer than a penny', sale, { UnitPrice: '0.001' }],
    ['price finer than a penny', back, { UnitPrice: '1.255' }],
    ['wrong-sign quantity', sale, { Quantity: '-6' }],
    ['wrong-sign quantity', sale, { Quantity: '0' }],
    ['wrong-sign quantity', back, { Quantity: '6' }],
    ['wrong-sign quantity', back, { Quantity: '0' }],
    ['adjustment', sale, { InvoiceNo: 'A563185', UnitPrice: '11062.06' }],
    ['adjustment', sale, { InvoiceNo: 'A563186', UnitPrice: '-11062.06' }],
    ['unknown document type', sale, { InvoiceNo: 'X1' }],
    ['unknown document type', back, { InvoiceNo: 'c536379' }],
    ['malformed row', sale, { Quantity: '1.5' }],
    ['malformed row', sale, { Quantity: '' }],
    ['malformed row', sale, { Quantity: '9999999999' }],
    ['malformed row', sale, { UnitPrice: 'NA' }],
    ['malformed row', sale, { InvoiceDate: '2010-12-01' }],
    ['malformed row', sale, { InvoiceDate: '2011-02-30 10:00:00' }],
    ['malformed row', sale, { InvoiceDate: '2011-02-28 24:00:00' }],
    ['malformed row', sale, { StockCode: '' }],
    ['malformed row', sale, { StockCode: '..' }],
    ['malformed row', sale, { StockCode: 'x'.repeat(65) }],
    ['malformed row', sale, { StockCode: 'a\u0000b' }],
    ['malformed row', sale, { CustomerID: 'x'.repeat(65) }],
    ['malformed row', sale, { Quantity: '2147483647', UnitPrice: '9999999999.99' }],
  ])('rejects as %s: a row like %j with %j', (reason, row, change) => {
    const fields = { ...row, ...change };
    expect(classified(fields)).toEqual({ is: 'reject', invoice: fields.InvoiceNo, reason });
  });

  it.each(['', '5363 65', '536365\u00a3', '5'.repeat(65)])('cannot tell which document %j is', (InvoiceNo) => {
    expect(classified({ ...sale, InvoiceNo })).toEqual({ is: 'reject', invoice: null, reason: 'malformed row' });
  });

  it('rejects a row with a column too few or too many', () => {
    for (const columns of [['536365', '85123A'], [...Object.values(sale), 'more']]) {
      expect(classify({ line: 2, columns })).toEqual({ is: 'reject', invoice: null, reason: 'malformed row' });
    }
  });
});
