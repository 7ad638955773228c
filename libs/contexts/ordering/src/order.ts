import { type Money, money } from '@banyan/kernel/words';
import { OrderNotConfirmed } from '../contract/index.js';
import { OrderNotCancellable, OrderTooLarge } from './errors.js';

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

/** Why an order ended otherwise than planned. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

export type OrderStatus = 'pending' | 'confirmed' | 'shipped' | 'delivered' | 'rejected' | 'cancelled';

/** A station on the order's way. */
export interface HistoryEntry {
  readonly status: OrderStatus | 'cancellation-requested';
  readonly at: string;
  readonly reason?: Reason | undefined;
}

export interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly placedAt: Date;
  readonly paymentMethod: string;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  readonly status: OrderStatus;
  readonly reason?: Reason | undefined;
  readonly cancellation?: Reason | undefined;
  readonly history: readonly HistoryEntry[];
}

/** £1 billion: far above any order, far below what a JavaScript number holds exactly. */
const LARGEST_TOTAL = 100_000_000_000;

/**
 * The worth of all lines together.
 * @throws OrderTooLarge beyond one billion pounds
 */
export function totalOf(lines: readonly OrderLine[]): Money {
  let total = 0;
  for (const line of lines) {
    total += line.unitPrice.amount * line.quantity;
    if (total > LARGEST_TOTAL) {
      throw new OrderTooLarge('The lines together are worth more than one billion pounds. Split them into several documents.', {}, [
        { path: '/lines', message: 'The total is too large.' },
      ]);
    }
  }
  return money(total);
}

/** A new order; `at` is when it was typed in, `placedAt` when the customer placed it. */
export function placeOrder(order: Pick<Order, 'id' | 'customerId' | 'placedAt' | 'paymentMethod' | 'lines'>, at: Date): Order {
  return { ...order, total: totalOf(order.lines), status: 'pending', history: [entry('pending', at)] };
}

/** Goods are reserved and money is promised. */
export function confirm(order: Order, at: Date): Order {
  return moved(order, 'confirmed', at);
}

/**
 * The goods have left. Nothing changes for an order that is further already, or whose cancellation came first: money
 * and goods are on their way back then, and whoever ships has heard of it.
 * @throws OrderNotConfirmed when nothing should have left
 */
export function shipped(order: Order, at: Date): Order {
  if (order.status === 'pending' || order.status === 'rejected') {
    throw new OrderNotConfirmed(`The order is ${order.status}, so its goods cannot have left.`, { orderId: order.id, status: order.status });
  }
  return order.status === 'confirmed' && !order.cancellation ? moved(order, 'shipped', at) : order;
}

/**
 * The goods have arrived, so they have left, whether that was said before or not.
 * @throws OrderNotConfirmed when nothing should have left
 */
export function delivered(order: Order, at: Date): Order {
  const left = shipped(order, at);
  return left.status === 'shipped' ? moved(left, 'delivered', at) : left;
}

/** The checkout could not be completed; a customer's cancellation ends it as `cancelled`, anything else as `rejected`. */
export function endUnserved(order: Order, reason: Reason, at: Date): Order {
  return order.cancellation ? cancelled(order, at) : { ...moved(order, 'rejected', at, reason), reason };
}

/**
 * Notes the wish to cancel. It takes effect when the running saga has come to a point where it can turn back.
 * A second wish changes nothing.
 * @throws OrderNotCancellable when the goods have left, or the order has ended otherwise
 */
export function requestCancellation(order: Order, message: string, at: Date): Order {
  if (order.cancellation && order.status !== 'cancelled') return order;
  if (order.status !== 'pending' && order.status !== 'confirmed') {
    throw new OrderNotCancellable(`The order is ${order.status} already and cannot be cancelled any more.`, { status: order.status });
  }
  const reason = { code: 'cancelled', message };
  return { ...order, cancellation: reason, history: [...order.history, entry('cancellation-requested', at, reason)] };
}

/** Money and goods are back where they were. */
export function cancelled(order: Order, at: Date): Order {
  return { ...moved(order, 'cancelled', at, order.cancellation), reason: order.cancellation };
}

export function unitsOf(lines: readonly OrderLine[]): number {
  return lines.reduce((units, line) => units + line.quantity, 0);
}

function moved(order: Order, status: OrderStatus, at: Date, reason?: Reason): Order {
  return { ...order, status, history: [...order.history, entry(status, at, reason)] };
}

function entry(status: HistoryEntry['status'], at: Date, reason?: Reason): HistoryEntry {
  return { status, at: at.toISOString(), ...(reason && { reason }) };
}
