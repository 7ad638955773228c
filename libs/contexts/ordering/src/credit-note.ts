import type { Money } from '@banyan/kernel/words';
import { type OrderLine, totalOf } from './order.js';

export type CreditNoteStatus = 'pending' | 'issued';

/** Goods back, money back. It names no order: customers return what they bought over months. */
export interface CreditNote {
  readonly id: string;
  readonly customerId: string;
  readonly issuedAt: Date;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  readonly status: CreditNoteStatus;
}

/** A credit note that has yet to be worked through. */
export function draftCreditNote(note: Pick<CreditNote, 'id' | 'customerId' | 'issuedAt' | 'lines'>): CreditNote {
  return { ...note, total: totalOf(note.lines), status: 'pending' };
}
