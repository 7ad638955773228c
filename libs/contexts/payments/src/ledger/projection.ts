import { readEvent } from '@banyan/kernel/event-store';
import { z } from 'zod';
import type { Booking } from './ledger.js';
import { creditNoteStream, paymentStream } from './events/payment-stream.js';

/** A row that an input wrote, as `to_jsonb` prints it; a table that was emptied has none. */
export interface WrittenRow {
  readonly table: string;
  readonly change: 'inserted' | 'updated' | 'deleted' | 'truncated';
  readonly row: Readonly<Record<string, unknown>>;
}

/** An instant as PostgreSQL prints it, in whatever time zone the session has. */
const instant = z.string().transform((text) => new Date(text));
const factRow = z.object({
  payment_id: z.string(), version: z.int(), kind: z.string(), amount: z.int(), reference: z.string().nullable(), reason: z.string().nullable(),
  booking_id: z.string().nullable(), occurred_at: instant,
});
const lineRow = z.object({
  booking_id: z.string(), line: z.int(), account: z.string(), debit: z.int(), credit: z.int(), value_date: z.string(),
  payment_id: z.string().nullable(), credit_note_id: z.string().nullable(), occurred_at: instant,
});
const eventRow = z.object({
  stream: z.string(), id: z.string(), version: z.int(), type: z.string(), schema_version: z.int(), data: z.unknown(), occurred_at: instant, is_imported: z.boolean(),
});

/**
 * What the rows of either ledger say about the books, so that both can be compared: `ledger-fact` for each fact of a
 * payment, `ledger-line` for each side of a booking. What only one of them keeps for itself (snapshots, hashes, facts
 * brought over from the other) is left out; rows of other tables stay as they are.
 */
export function factsOf(rows: readonly WrittenRow[]): readonly WrittenRow[] {
  return rows.flatMap((written) => {
    if (written.change === 'truncated') return [written];
    switch (written.table) {
      case 'payment_event': return [factOfTable(written)];
      case 'ledger_entry': return [lineOfTable(written)];
      case 'stream_event': return ofStream(written);
      case 'stream_snapshot': return [];
      default: return [written];
    }
  });
}

function factOfTable({ change, row }: WrittenRow): WrittenRow {
  const { payment_id: paymentId, booking_id: bookingId, occurred_at: at, ...rest } = factRow.parse(row);
  return { table: 'ledger-fact', change, row: { ...rest, paymentId, bookingId, at: at.toISOString() } };
}

function lineOfTable({ change, row }: WrittenRow): WrittenRow {
  const { booking_id: bookingId, value_date: valueDate, payment_id: paymentId, credit_note_id: creditNoteId, occurred_at: at, ...rest } = lineRow.parse(row);
  return { table: 'ledger-line', change, row: { ...rest, bookingId, valueDate, paymentId, creditNoteId, at: at.toISOString() } };
}

function ofStream(written: WrittenRow): WrittenRow[] {
  const { change } = written;
  const { stream, id, is_imported: isImported, ...stored } = eventRow.parse(written.row);
  if (isImported) return [];
  const at = stored.occurred_at.toISOString();
  const lines = (booking: Booking | null, occasion: { paymentId: string | null; creditNoteId: string | null }): WrittenRow[] =>
    (booking?.lines ?? []).map((it, i) => ({ table: 'ledger-line', change, row: { ...it, line: i + 1, bookingId: booking?.id, valueDate: booking?.valueDate, ...occasion, at } }));
  switch (stream) {
    case paymentStream.name: {
      const { type: kind, version, data: { booking, ...data } } = readEvent(paymentStream, stored);
      const fact = { table: 'ledger-fact', change, row: { ...data, kind, version, paymentId: id, bookingId: booking?.id ?? null, at } };
      return [fact, ...lines(booking, { paymentId: id, creditNoteId: null })];
    }
    case creditNoteStream.name: return lines(readEvent(creditNoteStream, stored).data.booking, { paymentId: null, creditNoteId: id });
    default: return [written];
  }
}
