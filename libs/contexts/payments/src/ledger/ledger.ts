import type { Payment, PaymentFact } from '../payment.js';
import type { LedgerLine } from './booking.js';

/** A movement of money in the books. Its debits and credits are equal. */
export interface Booking {
  readonly id: string;
  readonly lines: readonly LedgerLine[];
  /** The UTC day that the books count it on, `YYYY-MM-DD`. */
  readonly valueDate: string;
}

/** A fact with its place in the payment's history and what it means for the books; undefined where no money moved. */
export interface RecordedFact {
  readonly fact: PaymentFact;
  readonly version: number;
  readonly booking: Booking | undefined;
}

/** A fact of a payment's history, with its booking and with what is held of the customer's money after it. */
export interface LedgerEvent {
  readonly version: number;
  readonly event: PaymentFact['is'];
  readonly amount: number;
  readonly reference: string | null;
  readonly reason: string | null;
  readonly bookingId: string | null;
  readonly occurredAt: Date;
  readonly entries: readonly LedgerLine[];
  readonly balance: number;
}

export interface HistoryWish {
  /** Leaves out what happened later. */
  readonly asOf: Date | undefined;
  /** Leaves out this version and all before it; they count in the balance. */
  readonly after: number;
  readonly limit: number;
}

/**
 * The books and the histories of payments: double entry, only ever added to.
 *
 * There are two of them behind this port, beside each other in one schema; `choose-ledger.ts` decides which one a
 * process has. Each brings over from the other what was written there, before it adds to a payment's history or shows
 * it: whoever writes holds the payment's row, so the one that wrote last has all of the history, up to the version in
 * that row.
 */
export abstract class Ledger {
  /**
   * Adds facts to the history of a payment whose row is locked, with their bookings. All of them happened at its
   * `changedAt`, and its `version` is the one of the last.
   */
  abstract record(payment: Payment, recorded: readonly RecordedFact[]): Promise<void>;

  /** Books a credit note. Whether it is booked already is known to whoever asks. */
  abstract credit(creditNoteId: string, booking: Booking, occurredAt: Date): Promise<void>;

  /** A payment's history up to an instant, in its order. */
  abstract history(payment: Pick<Payment, 'id' | 'version'>, wish: HistoryWish): Promise<LedgerEvent[]>;

  /** All bookings ever, summed by account, in the order of ACCOUNTS. */
  abstract trialBalance(): Promise<LedgerLine[]>;
}
