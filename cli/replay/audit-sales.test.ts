import { describe, expect, it } from '@jest/globals';
import { compareDays } from './audit-sales.js';

const pounds = (amount: number) => ({ amount, currency: 'GBP' as const });
const ours = new Map([
  ['2011-02-01', { orders: 2, units: 30, revenue: 1_000, refunds: 0 }],
  ['2011-02-02', { orders: 0, units: 0, revenue: 0, refunds: 250 }],
]);
const first = { date: '2011-02-01', orders: 2, units: 30, revenue: pounds(1_000), refunds: pounds(0) };
const second = { date: '2011-02-02', orders: 0, units: 0, revenue: pounds(0), refunds: pounds(250) };

describe('compareDays', () => {
  it('finds nothing where every figure of every day is the same', () => {
    expect(compareDays(ours, { data: [second, first] })).toEqual([]);
  });

  it('takes a day of nothing and no day for the same', () => {
    const quiet = { date: '2011-02-03', orders: 0, units: 0, revenue: pounds(0), refunds: pounds(0) };
    expect(compareDays(ours, { data: [first, second, quiet] })).toEqual([]);
  });

  it('names each figure that differs, and days that only one side has', () => {
    const other = { ...second, date: '2011-02-04' };
    expect(compareDays(ours, { data: [{ ...first, units: 29, revenue: pounds(999) }, other] })).toEqual([
      '2011-02-01 units: 30 in the file, 29 in the shop',
      '2011-02-01 revenue: £10.00 in the file, £9.99 in the shop',
      '2011-02-02 refunds: £2.50 in the file, £0.00 in the shop',
      '2011-02-04 refunds: £0.00 in the file, £2.50 in the shop',
    ]);
  });
});
