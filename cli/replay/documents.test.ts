import { describe, expect, it } from '@jest/globals';
import type { Row } from './classify.js';
import { documents, MOST_LINES, type Entry } from './documents.js';

let line = 1;
function row(invoice: string, change: { sku?: string; quantity?: string; customer?: string; time?: string } = {}): Row {
  const { sku = 'A1', quantity = '1', customer = '17850', time = '10:00:00' } = change;
  return { line: ++line, columns: [invoice, sku, 'A THING', quantity, `2011-02-01 ${time}`, '1.00', customer, 'Norway'] };
}

async function* streamed(rows: Iterable<Row>, onRead: () => void = () => undefined): AsyncGenerator<Row> {
  for (const each of rows) {
    onRead();
    yield each;
  }
}

async function grouped(rows: Iterable<Row>, runs?: Map<string, number>): Promise<string[]> {
  const summary: string[] = [];
  for await (const entry of documents(streamed(rows), runs)) summary.push(told(entry));
  return summary;
}

function told(entry: Entry): string {
  if (entry.is === 'reject') return entry.reason;
  const { document } = entry;
  if (document.is === 'empty') return `empty ${document.number}`;
  return `${document.is} ${document.number}: ${document.lines.map(({ sku }) => sku).join(' ')}`;
}

describe('documents', () => {
  it('makes one document of the rows of an invoice, in file order', async () => {
    const rows = [row('1', { sku: 'B' }), row('1', { sku: 'A' }), row('1', { sku: 'B' }), row('C2', { sku: 'A', quantity: '-1' })];
    expect(await grouped(rows)).toEqual(['order 1: B A B', 'credit-note C2: A']);
  });

  it('joins the pieces of an interrupted invoice where its last piece ends', async () => {
    const rows = [row('1'), row('C2', { quantity: '-1' }), row('1', { sku: 'A2' }), row('3')];
    expect(await grouped(rows, new Map([['1', 2]]))).toEqual(['credit-note C2: A1', 'order 1: A1 A2', 'order 3: A1']);
  });

  it('says which documents have no row to book', async () => {
    expect(await grouped([row('1', { quantity: '-3' }), row('A2')])).toEqual(['wrong-sign quantity', 'empty 1', 'adjustment', 'empty A2']);
  });

  it('dates a document, and names its customer, by its first bookable row', async () => {
    const rows = [
      row('1', { quantity: '0', time: '09:00:00', customer: '1' }),
      row('1', { time: '10:01:00', customer: 'NA' }),
      row('1', { time: '10:02:00', customer: '' }),
    ];
    const entries: Entry[] = [];
    for await (const entry of documents(streamed(rows))) entries.push(entry);
    expect(entries).toMatchObject([
      { is: 'reject', reason: 'wrong-sign quantity' },
      { is: 'document', document: { at: '2011-02-01T10:01:00Z', customerId: 'guest' } },
    ]);
  });

  it('does not book a row for another customer of the same invoice', async () => {
    const rows = [row('1'), row('1', { customer: '999', sku: 'B' }), row('1', { sku: 'C' })];
    expect(await grouped(rows)).toEqual(['another customer on the same invoice', 'order 1: A1 C']);
  });

  it('is not confused by a row that names no invoice', async () => {
    const rows = [row('1'), { line: 9, columns: ['?'] }, row('1', { sku: 'B' })];
    expect(await grouped(rows)).toEqual(['malformed row', 'order 1: A1 B']);
  });

  it('takes 2,000 lines, and none of an invoice that has more', async () => {
    const most = Array.from({ length: MOST_LINES }, () => row('1'));
    expect(await grouped(most)).toHaveLength(1);
    const summary = await grouped([...most, row('1'), row('1'), row('2')]);
    expect(summary.filter((each) => each === 'invoice over 2,000 lines')).toHaveLength(MOST_LINES + 2);
    expect(summary.slice(-2)).toEqual(['empty 1', 'order 2: A1']);
  });

  it('reads no further than the first row of the next document', async () => {
    let read = 0;
    const endless = (function* () {
      for (let number = 1; ; number += 1) yield row(String(number));
    })();
    for await (const entry of documents(streamed(endless, () => (read += 1)))) {
      if (entry.is === 'document' && entry.document.number === '5') break;
    }
    expect(read).toBe(6);
  });
});
