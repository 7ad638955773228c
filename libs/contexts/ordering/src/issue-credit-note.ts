import { InvalidInput } from '@banyan/kernel/contract';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { Sagas } from '@banyan/kernel/saga';
import { Injectable } from '@nestjs/common';
import { type CreditNote, draftCreditNote } from './credit-note.js';
import { creditNoteSaga } from './credit-note.saga.js';
import { CreditNoteRepository } from './credit-notes.repository.js';
import { PricedLines } from './priced-lines.js';

export interface IssueCreditNoteInput {
  readonly customerId: string;
  readonly issuedAt: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: number }[];
}

/** Takes a credit note in; goods and money follow in its saga. */
@Injectable()
export class IssueCreditNote {
  constructor(
    private readonly notes: CreditNoteRepository,
    private readonly pricedLines: PricedLines,
    private readonly sagas: Sagas,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** @throws InvalidInput, UnknownSku, OrderTooLarge */
  async run(input: IssueCreditNoteInput): Promise<CreditNote> {
    const issuedAt = new Date(input.issuedAt);
    if (issuedAt > this.clock.now()) {
      throw new InvalidInput('A credit note cannot be issued in the future.', {}, [{ path: '/issuedAt', message: 'Lies in the future.' }]);
    }
    const note = draftCreditNote({
      id: this.ids.next('credit-note'), customerId: input.customerId, issuedAt, lines: await this.pricedLines.of(input.lines),
    });
    await this.notes.insert(note);
    await this.sagas.start(creditNoteSaga, note.id, {
      creditNoteId: note.id, customerId: note.customerId, amount: note.total, issuedAt: note.issuedAt.toISOString(),
      lines: note.lines.map(({ sku, quantity }) => ({ sku, quantity })),
    });
    return note;
  }
}
