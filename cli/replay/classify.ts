import { parsePrice } from './pennies.js';

/** The columns of an invoice file, in their order. */
export const COLUMNS = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
] as const;

/** One row as it stands in the file; `line` is the line of the file on which it starts. */
export interface Row {
  readonly line: number;
  readonly columns: readonly string[];
}

/** A row that can be booked. The quantity is positive on sales and on returns. */
export interface Line {
  readonly row: Row;
  readonly sku: string;
  readonly description: string;
  readonly quantity: number;
  /** Pennies. */
  readonly unitPrice: number;
  readonly customerId: string;
  /** RFC 3339, UTC. */
  readonly at: string;
}

/** Why a row cannot be booked. The last two are decided over the whole invoice. */
export type Reason =
  | 'malformed row'
  | 'adjustment'
  | 'unknown document type'
  | 'non-positive price'
  | 'price finer than a penny'
  | 'wrong-sign quantity'
  | 'another customer on the same invoice'
  | 'invoice over 2,000 lines';

/** What a row is. `invoice` is null where the row does not even name one. */
export type Verdict =
  | { is: 'sale' | 'return'; invoice: string; line: Line }
  | { is: 'reject'; invoice: string | null; reason: Reason };

// The invoice number becomes an idempotency key, so it has to survive as an HTTP header.
const INVOICE = /^[A-Za-z0-9-]{1,64}$/;
const TEXT = /^\P{Cc}{1,64}$/u;
const WHOLE = /^-?\d{1,10}$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/;
const LARGEST_QUANTITY = 2_147_483_647;

/**
 * Decides what a row is. The first reason that applies is the one that is counted, in this order:
 * malformed, adjustment, unknown type, price, quantity. A stock write-off (negative quantity at
 * price zero) therefore counts as a non-positive price.
 */
export function classify(row: Row): Verdict {
  if (row.columns.length !== COLUMNS.length) return { is: 'reject', invoice: null, reason: 'malformed row' };
  const [invoice = '', sku = '', description = '', quantityText = '', dateText = '', priceText = '', customer = ''] =
    row.columns.map((column) => column.trim());
  if (!INVOICE.test(invoice)) return { is: 'reject', invoice: null, reason: 'malformed row' };

  const reject = (reason: Reason): Verdict => ({ is: 'reject', invoice, reason });
  const quantity = parseQuantity(quantityText);
  const price = parsePrice(priceText);
  const at = parseMoment(dateText);
  const customerId = isMissing(customer) ? 'guest' : customer;
  if (quantity === null || at === null || price.is === 'malformed') return reject('malformed row');
  if (!isSku(sku) || !TEXT.test(customerId)) return reject('malformed row');

  const kind = documentKind(invoice);
  if (kind === 'adjustment') return reject('adjustment');
  if (kind === 'unknown') return reject('unknown document type');
  if (price.is === 'not-positive') return reject('non-positive price');
  if (price.is === 'too-fine') return reject('price finer than a penny');
  if (kind === 'sale' ? quantity <= 0 : quantity >= 0) return reject('wrong-sign quantity');

  const line = { row, sku, description, quantity: Math.abs(quantity), unitPrice: price.pennies, customerId, at };
  if (!Number.isSafeInteger(line.quantity * line.unitPrice)) return reject('malformed row');
  return { is: kind, invoice, line };
}

/** Whether a column holds nothing; `NA` is how the published file spells it. */
export function isMissing(text: string): boolean {
  return text === '' || text === 'NA';
}

/** What an invoice number stands for, by its first character. */
export function documentKind(invoice: string): 'sale' | 'return' | 'adjustment' | 'unknown' {
  if (/^\d/.test(invoice)) return 'sale';
  if (invoice.startsWith('C')) return 'return';
  return invoice.startsWith('A') ? 'adjustment' : 'unknown';
}

function parseQuantity(text: string): number | null {
  if (!WHOLE.test(text)) return null;
  const quantity = Number(text);
  return Math.abs(quantity) <= LARGEST_QUANTITY ? quantity : null;
}

function parseMoment(text: string): string | null {
  const [, date, time] = MOMENT.exec(text) ?? [];
  if (!date || !time) return null;
  const at = `${date}T${time}Z`;
  const parsed = new Date(at);
  // Date rolls 30 February and 24:00 over to the next day; such a row has no date that we could book.
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(at.slice(0, 19)) ? at : null;
}

function isSku(text: string): boolean {
  // A dot segment would be folded away by URL parsing and address another resource.
  return TEXT.test(text) && text !== '.' && text !== '..';
}
