import { z } from 'zod';

const Line = z.object({ sku: z.string(), quantity: z.int().positive(), unitPrice: z.int().positive() });

/** The lines of an order or credit note, as the fake shop accepts them. */
export const Lines = z.array(Line).min(1).max(2_000);

/** An order or credit note in the fake shop. */
export interface Booked {
  readonly id: string;
  status: string;
  readonly at: string;
  readonly lines: z.infer<typeof Lines>;
}

type Shelf = ReadonlyMap<string, Booked>;

/** The rows of the sales report; the first day shows `skim` pennies too little revenue. */
export function reportDays(orders: Shelf, creditNotes: Shelf, skim: number): unknown[] {
  const days = new Map<string, { orders: number; units: number; revenue: number; refunds: number }>();
  const day = (at: string) => {
    const known = days.get(at.slice(0, 10)) ?? { orders: 0, units: 0, revenue: 0, refunds: 0 };
    days.set(at.slice(0, 10), known);
    return known;
  };
  for (const { at, lines } of orders.values()) {
    day(at).orders += 1;
    day(at).units += lines.reduce((sum, { quantity }) => sum + quantity, 0);
    day(at).revenue += worth(lines);
  }
  for (const { at, lines } of creditNotes.values()) day(at).refunds += worth(lines);
  return [...days]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([date, { revenue, refunds, ...counts }], index) => ({
      date,
      ...counts,
      revenue: pounds(index === 0 ? revenue - skim : revenue),
      refunds: pounds(refunds),
    }));
}

/** The accounts of the payments ledger, in balance. */
export function trialBalance(orders: Shelf, creditNotes: Shelf): unknown {
  const total = (shelf: Shelf): number => [...shelf.values()].reduce((sum, { lines }) => sum + worth(lines), 0);
  const sales = total(orders);
  const refunds = total(creditNotes);
  const accounts = [
    { account: 'receivable', debit: sales, credit: refunds },
    { account: 'sales', debit: 0, credit: sales },
    { account: 'refunds', debit: refunds, credit: 0 },
  ];
  return { accounts, balance: 0, currency: 'GBP' };
}

function pounds(amount: number): { amount: number; currency: string } {
  return { amount, currency: 'GBP' };
}

function worth(lines: z.infer<typeof Lines>): number {
  return lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice, 0);
}
