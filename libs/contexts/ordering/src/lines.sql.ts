import type { Database } from '@banyan/kernel/persistence';
import { money } from '@banyan/kernel/words';
import type { OrderLine } from './order.js';

/** The two documents of this context keep their lines alike: one row per line, in the order they were written. */
type LineTable = { readonly table: 'order_line'; readonly owner: 'order_id' } | { readonly table: 'credit_note_line'; readonly owner: 'credit_note_id' };

export const orderLines: LineTable = { table: 'order_line', owner: 'order_id' };
export const creditNoteLines: LineTable = { table: 'credit_note_line', owner: 'credit_note_id' };

/** Stores up to 2,000 lines with one statement. */
export async function insertLines(database: Database, { table, owner }: LineTable, ownerId: string, lines: readonly OrderLine[]): Promise<void> {
  await database.query(
    `INSERT INTO ${table} (${owner}, line, sku, quantity, unit_price)
     SELECT $1, line, sku, quantity, unit_price
     FROM unnest($2::text[], $3::int[], $4::bigint[]) WITH ORDINALITY AS given (sku, quantity, unit_price, line)`,
    [ownerId, lines.map((it) => it.sku), lines.map((it) => it.quantity), lines.map((it) => it.unitPrice.amount)],
  );
}

/** Reads the lines of one document, served by its primary key. */
export async function readLines(database: Database, { table, owner }: LineTable, ownerId: string): Promise<OrderLine[]> {
  const rows = await database.query<{ sku: string; quantity: number; unit_price: number }>(
    `SELECT sku, quantity, unit_price FROM ${table} WHERE ${owner} = $1 ORDER BY line`,
    [ownerId],
  );
  return rows.map((row) => ({ sku: row.sku, quantity: row.quantity, unitPrice: money(row.unit_price) }));
}
