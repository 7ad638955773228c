import { z } from 'zod';
import type { Bookable } from './books.js';
import { documents } from './documents.js';
import { inFlight } from './in-flight.js';
import { readRows } from './read-rows.js';
import type { RejectsFile } from './rejects-file.js';
import type { Screen } from './screen.js';
import { Refused, type Shop, type Write } from './shop.js';
import type { Survey } from './survey.js';
import type { Tally } from './tally.js';

/** What the second pass works with. */
export interface PlaceOptions {
  readonly file: string;
  readonly survey: Survey;
  readonly limit: number;
  readonly concurrency: number;
  readonly shop: Shop;
  readonly screen: Screen;
  readonly rejects: RejectsFile;
  readonly stop: AbortSignal;
}

const Accepted = z.looseObject({ id: z.string().min(1) });

/** Reads the file a second time and places its documents, some at a time, in file order. Fills `tally` as it goes. */
export async function placeDocuments(options: PlaceOptions, tally: Tally): Promise<void> {
  const { screen, concurrency, stop, survey, limit } = options;
  const task = screen.begin('documents', Math.min(survey.documents, limit));
  try {
    await inFlight(bookable(options, tally, () => (task.done += 1)), concurrency, stop, (document) =>
      task.step(() => place(document, options, tally)),
    );
  } finally {
    task.end();
  }
}

/** The documents to place; rejects and empty documents are counted and put on file on the way. */
async function* bookable(
  { file, survey, limit, rejects }: PlaceOptions,
  tally: Tally,
  skipped: () => void,
): AsyncGenerator<Bookable> {
  for await (const entry of documents(readRows(file), survey.runs)) {
    if (entry.is === 'reject') {
      tally.rejected.set(entry.reason, (tally.rejected.get(entry.reason) ?? 0) + 1);
      await rejects.add(entry.row, entry.reason);
      continue;
    }
    const { document } = entry;
    tally.read[document.is] += 1;
    if (document.is === 'empty') {
      skipped();
    } else {
      tally.lines[document.is] += document.lines.length;
      yield document;
    }
    if (tally.documents >= limit) return;
  }
}

async function place(document: Bookable, { shop, rejects }: PlaceOptions, tally: Tally): Promise<void> {
  try {
    const { body, replayed } = await shop.send(asWrite(document), Accepted);
    tally.accept(document, body.id, replayed);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tally.failures.push({ what: `invoice ${document.number}`, code: error.code, detail: error.detail });
    for (const line of document.lines) await rejects.add(line.row, `refused by the shop: ${error.code}`);
  }
}

/** The key comes from the invoice number alone: the same invoice in another file is still the same invoice. */
function asWrite(document: Bookable): Write {
  const { customerId, at } = document;
  const lines = document.lines.map(({ sku, quantity, unitPrice }) => ({ sku, quantity, unitPrice }));
  const key = `invoice-${document.number}`;
  return document.is === 'order'
    ? { method: 'POST', path: '/v1/orders', key, body: { customerId, placedAt: at, lines } }
    : { method: 'POST', path: '/v1/credit-notes', key, body: { customerId, issuedAt: at, lines } };
}
