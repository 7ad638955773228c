import { z } from 'zod';
import type { Check } from './auditor.js';
import { emptyDay, type Books, type Day } from './books.js';
import { formatCount, formatPounds } from './pennies.js';
import type { Shop } from './shop.js';

const Pounds = z.looseObject({ amount: z.int(), currency: z.literal('GBP') });
const SalesReport = z.looseObject({
  data: z.array(
    z.looseObject({ date: z.iso.date(), orders: z.int(), units: z.int(), revenue: Pounds, refunds: Pounds }),
  ),
});

/** Holds the shop's sales report against the file, day by day and to the penny. */
export async function auditSales(
  books: Books,
  shop: Shop,
  settled: (look: () => Promise<string[]>) => Promise<string[]>,
): Promise<Check> {
  const dates = [...books.days.keys()].sort();
  const total = books.total();
  const name = 'sales by day';
  const compared = [
    `${formatCount(dates.length)} days`,
    `${formatCount(total.orders)} orders`,
    `${formatCount(total.units)} units`,
    `${formatPounds(total.revenue)} sold`,
    `${formatPounds(total.refunds)} refunded`,
  ].join(', ');
  const first = dates[0];
  const last = dates.at(-1);
  if (!first || !last) return { name, compared: 'no days', differences: [] };
  const path = `/v1/reports/sales?from=${first}&to=${dayAfter(last)}`;
  const differences = await settled(async () => compareDays(books.days, await shop.get(path, SalesReport)));
  return { name, compared, differences };
}

/** The differences between our days and the shop's; a day that one side does not name is a day of zeros. */
export function compareDays(ours: ReadonlyMap<string, Day>, report: z.infer<typeof SalesReport>): string[] {
  const theirs = new Map<string, Day>();
  for (const { date, orders, units, revenue, refunds } of report.data) {
    theirs.set(date, { orders, units, revenue: revenue.amount, refunds: refunds.amount });
  }
  const dates = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return dates.flatMap((date) => compareDay(date, ours.get(date) ?? emptyDay(), theirs.get(date) ?? emptyDay()));
}

function compareDay(date: string, ours: Day, theirs: Day): string[] {
  const figures = [
    ['orders', ours.orders, theirs.orders, formatCount],
    ['units', ours.units, theirs.units, formatCount],
    ['revenue', ours.revenue, theirs.revenue, formatPounds],
    ['refunds', ours.refunds, theirs.refunds, formatPounds],
  ] as const;
  return figures
    .filter(([, file, shop]) => file !== shop)
    .map(([what, file, shop, format]) => `${date} ${what}: ${format(file)} in the file, ${format(shop)} in the shop`);
}

function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
