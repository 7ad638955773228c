import { Injectable } from '@nestjs/common';
import { type Observable, distinct, exhaustMap, filter, mergeMap, takeWhile, timer } from 'rxjs';
import type { HistoryEntry } from './order.js';
import { OrderRepository } from './orders.repository.js';

/** How often a stream looks for news, in milliseconds: other processes change orders too, so nobody could tell it. */
const LOOK_EVERY = 500;
const ENDED: readonly HistoryEntry['status'][] = ['delivered', 'rejected', 'cancelled'];

/** A station of an order with its number on the way, counted from 1. */
export interface NumberedEntry {
  readonly number: number;
  readonly entry: HistoryEntry;
}

/** Follows the history of orders. */
@Injectable()
export class OrderStream {
  constructor(private readonly orders: OrderRepository) {}

  /** Everything after the given number, then what comes; ends with the order. */
  follow(orderId: string, after: number): Observable<NumberedEntry> {
    return timer(0, LOOK_EVERY).pipe(
      exhaustMap(() => this.orders.history(orderId)),
      mergeMap((history) => history.map((entry, i) => ({ number: i + 1, entry }))),
      distinct(({ number }) => number),
      takeWhile(({ entry }) => !ENDED.includes(entry.status), true),
      filter(({ number }) => number > after),
    );
  }
}
