import { createHash } from 'node:crypto';
import { classify, isMissing, type Line } from './classify.js';
import { readRows } from './read-rows.js';

/** What the catalogue and the shelves have to hold before the first invoice can be placed. */
export interface Article {
  readonly name: string;
  /** Pennies: the price of the first line that names the article. */
  readonly price: number;
  /** Units that the file sells in all, and so the stock that is received up front. */
  readonly sold: number;
}

/** What the first pass over a file finds out. Memory: one entry per article and per invoice number. */
export interface Survey {
  /** Identity of the unpacked content; the same rows packed differently are the same file. */
  readonly fileId: string;
  readonly rows: number;
  readonly documents: number;
  /** Invoices whose rows are interrupted by another invoice, with the number of pieces they come in. */
  readonly runs: ReadonlyMap<string, number>;
  readonly articles: ReadonlyMap<string, Article>;
}

/**
 * Reads the whole file once, whatever the limit of the replay: the stock to receive must be the same
 * number each time, or a replay with another limit would send the same receipt with another body.
 */
export async function survey(file: string): Promise<Survey> {
  const digest = createHash('sha256');
  const runs = new Map<string, number>();
  const articles = new Map<string, Article>();
  let current: string | undefined;
  let rows = 0;
  for await (const row of readRows(file, digest)) {
    rows += 1;
    const verdict = classify(row);
    if (verdict.invoice !== null && verdict.invoice !== current) {
      current = verdict.invoice;
      runs.set(current, (runs.get(current) ?? 0) + 1);
    }
    if (verdict.is !== 'reject') articles.set(verdict.line.sku, withLine(articles.get(verdict.line.sku), verdict));
  }
  const documents = runs.size;
  for (const [number, pieces] of runs) if (pieces === 1) runs.delete(number);
  return { fileId: digest.digest('hex').slice(0, 16), rows, documents, runs, articles };
}

function withLine(known: Article | undefined, { is, line }: { is: 'sale' | 'return'; line: Line }): Article {
  const sold = (known?.sold ?? 0) + (is === 'sale' ? line.quantity : 0);
  const price = known?.price ?? line.unitPrice;
  // Until a line describes the article, its code stands in for the name.
  const isNamed = known !== undefined && known.name !== line.sku;
  return { name: isNamed ? known.name : productName(line.description, line.sku), price, sold };
}

/** A description as a product name: no control characters, 1–200 characters, else the SKU. */
export function productName(description: string, sku: string): string {
  const cleaned = description.replace(/\p{Cc}/gu, ' ').trim();
  if (isMissing(cleaned)) return sku;
  // A cut through a surrogate pair would leave half a character.
  return cleaned.slice(0, 200).replace(/[\uD800-\uDBFF]$/, '').trimEnd();
}
