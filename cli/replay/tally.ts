import { Books, type Bookable } from './books.js';
import type { Reason } from './classify.js';

/** Something that the shop refused for good. */
export interface Failure {
  readonly what: string;
  readonly code: string;
  readonly detail: string;
}

/** What the file held and what became of it. */
export class Tally {
  readonly books = new Books();
  /** Ids as the shop gave them out, each with the invoice it stands for. */
  readonly orderIds = new Map<string, string>();
  readonly creditNoteIds = new Map<string, string>();
  /** Two invoices that were answered with the same id. */
  readonly collisions: string[] = [];
  readonly failures: Failure[] = [];
  readonly rejected = new Map<Reason, number>();
  readonly read = { order: 0, 'credit-note': 0, empty: 0 };
  readonly lines = { order: 0, 'credit-note': 0 };
  alreadyThere = 0;

  /** Documents read so far. */
  get documents(): number {
    return this.read.order + this.read['credit-note'] + this.read.empty;
  }

  /** Notes the shop's answer to a document, and books it on our side. */
  accept(document: Bookable, id: string, isReplayed: boolean): void {
    const ids = document.is === 'order' ? this.orderIds : this.creditNoteIds;
    const other = ids.get(id);
    if (other !== undefined) this.collisions.push(`${other} and ${document.number} are both ${document.is} ${id}`);
    ids.set(id, document.number);
    if (isReplayed) this.alreadyThere += 1;
    this.books.record(document);
  }
}
