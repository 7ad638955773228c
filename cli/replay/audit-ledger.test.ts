import { describe, expect, it } from '@jest/globals';
import { compareLedger } from './audit-ledger.js';

const total = { orders: 2, units: 3, revenue: 1_000, refunds: 250 };
const accounts = [
  { account: 'receivable', debit: 1_000, credit: 250 },
  { account: 'sales', debit: 0, credit: 1_000 },
  { account: 'refunds', debit: 250, credit: 0 },
];

describe('compareLedger', () => {
  it('finds nothing in a ledger that is the file', () => {
    expect(compareLedger(total, true, { accounts, balance: 0 })).toEqual([]);
  });

  it('adds up by itself, whatever balance the ledger claims', () => {
    const cooked = [...accounts, { account: 'pocket', debit: 1, credit: 0 }];
    expect(compareLedger(total, true, { accounts: cooked, balance: 0 })).toEqual([
      'debits − credits: £0.00 expected, £0.01 in the ledger',
    ]);
    expect(compareLedger(total, true, { accounts, balance: 7 })).toEqual(['balance: £0.00 expected, £0.07 in the ledger']);
  });

  it('holds sales and refunds against the file only where nothing else was sold', () => {
    const richer = { ...total, revenue: 1_001, refunds: 249 };
    expect(compareLedger(richer, false, { accounts, balance: 0 })).toEqual([]);
    expect(compareLedger(richer, true, { accounts, balance: 0 })).toEqual([
      'sales (credit): £10.01 expected, £10.00 in the ledger',
      'refunds (debit): £2.49 expected, £2.50 in the ledger',
    ]);
  });
});
