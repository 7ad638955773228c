import { Events } from '@banyan/kernel/messaging';
import { Injectable } from '@nestjs/common';
import { orderingContract } from '../contract/index.js';
import { CreditNoteRepository } from './credit-notes.repository.js';

/** Last step of the saga: goods and money are back, so the note counts. */
@Injectable()
export class MarkIssued {
  constructor(private readonly notes: CreditNoteRepository, private readonly events: Events) {}

  async run({ creditNoteId }: { creditNoteId: string }): Promise<void> {
    const note = await this.notes.find(creditNoteId);
    if (!note) throw new Error(`The credit note ${creditNoteId} of a running saga is not in its table.`);
    await this.notes.markIssued(creditNoteId);
    this.events.announce(orderingContract.events.creditNoteIssued({
      creditNoteId, customerId: note.customerId, issuedAt: note.issuedAt.toISOString(), lines: [...note.lines], total: note.total,
    }));
  }
}
