import { classify, documentKind, type Line, type Reason, type Row } from './classify.js';

/** All bookable rows of one InvoiceNo, in file order. `empty`: every row of it was rejected. */
export type Document =
  | { is: 'order' | 'credit-note'; number: string; customerId: string; at: string; lines: readonly Line[] }
  | { is: 'empty'; number: string };

/** What the stream of rows turns into: rejects as they are met, documents when their last row was read. */
export type Entry = { is: 'reject'; row: Row; reason: Reason } | { is: 'document'; document: Document };

/** The most lines the shop takes in one document. */
export const MOST_LINES = 2_000;

/**
 * Groups rows into documents. Only the documents that are still open are in memory: one, plus those
 * whose rows are interrupted by another invoice. `runs` says for these, by number, in how many
 * pieces they come (see `survey`); every other invoice comes in one piece.
 */
export async function* documents(
  rows: AsyncIterable<Row>,
  runs: ReadonlyMap<string, number> = new Map(),
): AsyncGenerator<Entry> {
  const open = new Map<string, Draft>();
  let current: Draft | undefined;
  for await (const row of rows) {
    const verdict = classify(row);
    if (verdict.invoice !== null && verdict.invoice !== current?.number) {
      if (current?.isCompleteAfterRun()) {
        open.delete(current.number);
        yield { is: 'document', document: current.finish() };
      }
      current = open.get(verdict.invoice) ?? new Draft(verdict.invoice, runs.get(verdict.invoice) ?? 1);
      open.set(verdict.invoice, current);
    }
    if (verdict.is === 'reject') yield { is: 'reject', row, reason: verdict.reason };
    else if (current) yield* current.add(verdict.line);
  }
  for (const draft of open.values()) yield { is: 'document', document: draft.finish() };
}

class Draft {
  #lines: Line[] = [];
  #isOversized = false;

  constructor(
    readonly number: string,
    private runsLeft: number,
  ) {}

  /** Takes a line in and gives back what had to be rejected for it. */
  add(line: Line): Entry[] {
    const first = this.#lines[0];
    if (first && first.customerId !== line.customerId) return [reject(line, 'another customer on the same invoice')];
    if (!this.#isOversized && this.#lines.length < MOST_LINES) {
      this.#lines.push(line);
      return [];
    }
    // Half an invoice is not that invoice: all of it goes, and from here on nothing is kept in memory.
    const dropped = [...this.#lines, line];
    this.#lines = [];
    this.#isOversized = true;
    return dropped.map((each) => reject(each, 'invoice over 2,000 lines'));
  }

  isCompleteAfterRun(): boolean {
    this.runsLeft -= 1;
    return this.runsLeft <= 0;
  }

  finish(): Document {
    const first = this.#lines[0];
    if (!first) return { is: 'empty', number: this.number };
    return {
      is: documentKind(this.number) === 'return' ? 'credit-note' : 'order',
      number: this.number,
      customerId: first.customerId,
      at: first.at,
      lines: this.#lines,
    };
  }
}

function reject(line: Line, reason: Reason): Entry {
  return { is: 'reject', row: line.row, reason };
}
