import type { Document } from './documents.js';

/** What one UTC day comes to. Money in pennies. */
export interface Day {
  orders: number;
  units: number;
  revenue: number;
  refunds: number;
}

/** What moved of one article. */
export interface Movement {
  sold: number;
  returned: number;
}

/** The document as the shop must have booked it; empty documents never get here. */
export type Bookable = Extract<Document, { lines: readonly unknown[] }>;

/**
 * The books as the file says they must be, kept beside the shop and without looking at its answers:
 * the figures that the audit holds the shop against.
 */
export class Books {
  readonly days = new Map<string, Day>();
  readonly articles = new Map<string, Movement>();

  /** Books a document on its own date, in UTC. */
  record(document: Bookable): void {
    const day = this.#day(document.at.slice(0, 10));
    if (document.is === 'order') day.orders += 1;
    for (const { sku, quantity, unitPrice } of document.lines) {
      const article = this.#article(sku);
      if (document.is === 'order') {
        day.units += quantity;
        day.revenue += quantity * unitPrice;
        article.sold += quantity;
      } else {
        day.refunds += quantity * unitPrice;
        article.returned += quantity;
      }
    }
  }

  /** All days together. */
  total(): Day {
    const total = emptyDay();
    for (const day of this.days.values()) {
      total.orders += day.orders;
      total.units += day.units;
      total.revenue += day.revenue;
      total.refunds += day.refunds;
    }
    return total;
  }

  #day(date: string): Day {
    const day = this.days.get(date) ?? emptyDay();
    this.days.set(date, day);
    return day;
  }

  #article(sku: string): Movement {
    const article = this.articles.get(sku) ?? { sold: 0, returned: 0 };
    this.articles.set(sku, article);
    return article;
  }
}

/** A day on which nothing happened. */
export function emptyDay(): Day {
  return { orders: 0, units: 0, revenue: 0, refunds: 0 };
}
