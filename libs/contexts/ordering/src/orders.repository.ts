import { Database } from '@banyan/kernel/persistence';
import { money } from '@banyan/kernel/words';
import { Injectable } from '@nestjs/common';
import { insertLines, orderLines, readLines } from './lines.sql.js';
import type { HistoryEntry, Order, OrderStatus, Reason } from './order.js';

/** What a list shows of an order: everything but its lines and history. */
export type OrderSummary = Pick<Order, 'id' | 'customerId' | 'placedAt' | 'status' | 'total'>;

interface OrderRow {
  readonly id: string;
  readonly customer_id: string;
  readonly placed_at: Date;
  readonly payment_method: string;
  readonly status: OrderStatus;
  readonly total: number;
  readonly reason: Reason | null;
  readonly cancellation: Reason | null;
  readonly history: readonly HistoryEntry[];
}

export interface OrderFilter {
  readonly customerId?: string | undefined;
  readonly status?: OrderStatus | undefined;
  /** Only orders older than this one: the page before ended with it. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The only file that knows the tables of orders. */
@Injectable()
export class OrderRepository {
  constructor(private readonly database: Database) {}

  async insert(order: Order): Promise<void> {
    await this.database.query(
      `INSERT INTO orders (id, customer_id, placed_at, payment_method, status, total, history)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [order.id, order.customerId, order.placedAt, order.paymentMethod, order.status, order.total.amount, JSON.stringify(order.history)],
    );
    await insertLines(this.database, orderLines, order.id, order.lines);
  }

  async find(id: string): Promise<Order | undefined> {
    return this.read(id, '');
  }

  /** Reads the order and holds its row lock until the transaction ends, so that its events are stored in the order they happen. */
  async lock(id: string): Promise<Order | undefined> {
    return this.read(id, 'FOR UPDATE');
  }

  /** The same for an order that a saga works on. @throws Error when it is gone: nothing deletes orders */
  async lockExisting(id: string): Promise<Order> {
    const order = await this.lock(id);
    if (!order) throw new Error(`The order ${id} of a running saga is not in the table "orders".`);
    return order;
  }

  /** Stores what can change; lines never do. */
  async update(order: Order): Promise<void> {
    await this.database.query(
      `UPDATE orders SET status = $2, reason = $3, cancellation = $4, history = $5 WHERE id = $1`,
      [order.id, order.status, json(order.reason), json(order.cancellation), JSON.stringify(order.history)],
    );
  }

  /** Only the way an order went so far, without its lines. */
  async history(id: string): Promise<readonly HistoryEntry[]> {
    const [row] = await this.database.query<Pick<OrderRow, 'history'>>(`SELECT history FROM orders WHERE id = $1`, [id]);
    return row?.history ?? [];
  }

  /** Newest first: ids are UUIDv7. Served by orders_by_customer, orders_by_status or the primary key. */
  async list({ customerId, status, before, limit }: OrderFilter): Promise<OrderSummary[]> {
    const conditions: string[] = [];
    const values: unknown[] = [];
    const where = (condition: string, value: unknown) => {
      if (value !== undefined) conditions.push(`${condition} $${values.push(value)}`);
    };
    where('customer_id =', customerId);
    where('status =', status);
    where('id <', before);
    const rows = await this.database.query<OrderRow>(
      `SELECT id, customer_id, placed_at, status, total FROM orders
       ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY id DESC LIMIT $${values.push(limit)}`,
      values,
    );
    return rows.map((row) => ({ id: row.id, customerId: row.customer_id, placedAt: row.placed_at, status: row.status, total: money(row.total) }));
  }

  private async read(id: string, locking: '' | 'FOR UPDATE'): Promise<Order | undefined> {
    const [row] = await this.database.query<OrderRow>(
      `SELECT id, customer_id, placed_at, payment_method, status, total, reason, cancellation, history FROM orders WHERE id = $1 ${locking}`,
      [id],
    );
    if (!row) return undefined;
    return {
      id: row.id,
      customerId: row.customer_id,
      placedAt: row.placed_at,
      paymentMethod: row.payment_method,
      status: row.status,
      total: money(row.total),
      reason: row.reason ?? undefined,
      cancellation: row.cancellation ?? undefined,
      history: row.history,
      lines: await readLines(this.database, orderLines, id),
    };
  }
}

function json(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
