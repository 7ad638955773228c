import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { paymentsContract } from '../contract/index.js';
import { CreditNoteRepository } from './credit-note.repository.js';
import { bookingOfCredit } from './ledger/booking.js';
import { Ledger } from './ledger/ledger.js';
import { utcDay } from './utc-day.js';

const { creditCustomer } = paymentsContract.commands;

/** Books the worth of returned goods to the customer's account, on the day of the credit note. */
@Handles(creditCustomer)
export class CreditCustomer {
  constructor(
    private readonly creditNotes: CreditNoteRepository,
    private readonly ledger: Ledger,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  async run({ creditNoteId, customerId, amount, issuedAt }: InputOf<typeof creditCustomer>): Promise<OutputOf<typeof creditCustomer>> {
    const now = this.clock.now();
    const note = { id: creditNoteId, customerId, amount: amount.amount, issuedAt: new Date(issuedAt) };
    const isNew = await this.creditNotes.open(note, now);
    const lines = bookingOfCredit(note.amount);
    if (isNew && lines) {
      await this.ledger.credit(creditNoteId, { id: this.ids.next('booking'), lines, valueDate: utcDay(note.issuedAt) }, now);
    }
    return {};
  }
}
