import { z } from 'zod';
import type { Check } from './auditor.js';
import type { Day } from './books.js';
import { formatPounds } from './pennies.js';
import type { Shop } from './shop.js';

const TrialBalance = z.looseObject({
  accounts: z.array(z.looseObject({ account: z.string(), debit: z.int(), credit: z.int() })),
  balance: z.int(),
});

/**
 * The payments ledger must balance to zero, by its own word and by our addition. Where the shop holds
 * nothing but this replay, sales and refunds must also be the file's.
 */
export async function auditLedger(
  total: Day,
  isAlone: boolean,
  shop: Shop,
  settled: (look: () => Promise<string[]>) => Promise<string[]>,
): Promise<Check> {
  const differences = await settled(async () =>
    compareLedger(total, isAlone, await shop.get('/v1/payments/trial-balance', TrialBalance)),
  );
  const sums = `sales ${formatPounds(total.revenue)}, refunds ${formatPounds(total.refunds)}`;
  const compared = isAlone ? `balance zero, ${sums}` : 'balance zero only: the shop holds other orders too';
  return { name: 'payments ledger', compared, differences };
}

/** The differences between the ledger and what it must be. */
export function compareLedger(total: Day, isAlone: boolean, ledger: z.infer<typeof TrialBalance>): string[] {
  const sum = (side: 'debit' | 'credit', account?: string): number =>
    ledger.accounts
      .filter((each) => account === undefined || each.account === account)
      .reduce((pennies, each) => pennies + each[side], 0);
  const figures: [string, number, number][] = [
    ['balance', 0, ledger.balance],
    ['debits − credits', 0, sum('debit') - sum('credit')],
  ];
  if (isAlone) {
    figures.push(['sales (credit)', total.revenue, sum('credit', 'sales')]);
    figures.push(['refunds (debit)', total.refunds, sum('debit', 'refunds')]);
  }
  return figures
    .filter(([, expected, actual]) => expected !== actual)
    .map(([what, expected, actual]) => `${what}: ${formatPounds(expected)} expected, ${formatPounds(actual)} in the ledger`);
}
