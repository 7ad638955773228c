import { describe, expect, it } from '@jest/globals';
import { type WrittenRow, factsOf } from './projection.js';

const inserted = (table: string, row: Record<string, unknown>): WrittenRow => ({ table, change: 'inserted', row });
const [paymentId, bookingId, creditNoteId] = ['0198c000-0000-7000-8000-000000000001', '0198c000-0000-7000-8000-000000000002', '0198c000-0000-7000-8000-000000000003'];
const at = '2026-03-01T10:00:00.120Z';
const booking = { id: bookingId, valueDate: '2026-03-01', lines: [{ account: 'card-clearing', debit: 500, credit: 0 }, { account: 'sales', debit: 0, credit: 500 }] };
const event = { stream: 'payment', id: paymentId, version: 2, type: 'captured', schema_version: 1, occurred_at: '2026-03-01T10:00:00.12+00:00', is_imported: false, hash: '\\x00', previous_hash: '\\x01' };
const streamed = inserted('stream_event', { ...event, data: { amount: 500, reference: null, reason: null, booking } });

const fact = inserted('ledger-fact', { paymentId, version: 2, kind: 'captured', amount: 500, reference: null, reason: null, bookingId, at });
const line = (n: number, side: object, occasion: object) => inserted('ledger-line', { bookingId, line: n, ...side, valueDate: '2026-03-01', ...occasion, at });

describe('the facts of written rows', () => {
  it('are the same for the tables as for a stream, whatever the session\'s time zone', () => {
    const entry = { booking_id: bookingId, payment_id: paymentId, credit_note_id: null, occurred_at: '2026-03-01T12:00:00.12+02:00', value_date: '2026-03-01' };
    const tabled = [
      inserted('payment_event', { payment_id: paymentId, version: 2, kind: 'captured', amount: 500, reference: null, reason: null, booking_id: bookingId, occurred_at: '2026-03-01T12:00:00.12+02:00' }),
      ...booking.lines.map((it, i) => inserted('ledger_entry', { ...entry, ...it, line: i + 1 })),
    ];
    const facts = [fact, ...booking.lines.map((it, i) => line(i + 1, it, { paymentId, creditNoteId: null }))];
    expect(factsOf(tabled)).toEqual(facts);
    expect(factsOf([streamed])).toEqual(facts);
  });

  it('of a credit note are its lines', () => {
    const credited = inserted('stream_event', { ...event, stream: 'credit-note', id: creditNoteId, version: 1, type: 'credited', data: { booking } });
    expect(factsOf([credited])).toEqual(booking.lines.map((it, i) => line(i + 1, it, { paymentId: null, creditNoteId })));
  });

  it('leave out what was known before and what is no fact, and other tables alone', () => {
    const payment = { table: 'payment', change: 'updated', row: { id: paymentId } } as const;
    const imported = inserted('stream_event', { ...streamed.row, is_imported: true });
    expect(factsOf([imported, inserted('stream_snapshot', { state: 1 }), payment])).toEqual([payment]);
  });

  it('say how the row was changed, so that rewriting shows', () => {
    expect(factsOf([{ ...streamed, change: 'deleted' }]).map(({ change }) => change)).toEqual(['deleted', 'deleted', 'deleted']);
    const emptied = { table: 'ledger_entry', change: 'truncated', row: {} } as const;
    expect(factsOf([emptied])).toEqual([emptied]);
  });
});
