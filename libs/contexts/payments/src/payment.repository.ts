import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';
import type { Change, Payment, Refund } from './payment.js';
import { type PaymentRow, columnsOf, paymentOf, stateColumnsOf } from './payment-row.js';

interface PaymentFilter {
  readonly orderId: string | undefined;
  readonly customerId: string | undefined;
  /** Only those older than this one. */
  readonly before: string | undefined;
  readonly limit: number;
}

const COLUMNS = 'id, order_id, customer_id, method, amount, status, authorization_id, decline_code, decline_message, refunded, is_cancelled, version, changed_at';

/**
 * Payments and their refunds, as they stand.
 *
 * Whoever changes a payment holds its row: the lock decides between an authorisation, a capture, a cancellation and
 * a refund that meet. It is never held while the card processor is asked, and ends with the transaction, also when
 * its process dies.
 */
@Injectable()
export class PaymentRepository {
  constructor(private readonly database: Database) {}

  /** @returns whether the order had no payment yet; otherwise nothing is stored. Waits for another that is being stored. */
  async insert(payment: Payment): Promise<boolean> {
    // payment_order_id_key, as the arbiter of the conflict.
    const rows = await this.database.query(
      `INSERT INTO payment (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
       ON CONFLICT (order_id) DO NOTHING RETURNING id`,
      columnsOf(payment),
    );
    return rows.length > 0;
  }

  async update(payment: Payment): Promise<void> {
    await this.database.query(
      `UPDATE payment
       SET status = $2, authorization_id = $3, decline_code = $4, decline_message = $5, refunded = $6, is_cancelled = $7, version = $8, changed_at = $9
       WHERE id = $1`,
      [payment.id, ...stateColumnsOf(payment)],
    );
  }

  /** Locks a payment until the transaction ends. */
  async lock(id: string): Promise<Payment | undefined> {
    return this.whole(await this.database.query<PaymentRow>(`SELECT ${COLUMNS} FROM payment WHERE id = $1 FOR UPDATE`, [id]));
  }

  /** Locks the payment of an order until the transaction ends. */
  async lockOfOrder(orderId: string): Promise<Payment | undefined> {
    return this.whole(await this.database.query<PaymentRow>(`SELECT ${COLUMNS} FROM payment WHERE order_id = $1 FOR UPDATE`, [orderId]));
  }

  async find(id: string): Promise<Payment | undefined> {
    return this.whole(await this.database.query<PaymentRow>(`SELECT ${COLUMNS} FROM payment WHERE id = $1`, [id]));
  }

  /** Newest first, without their pending refunds. */
  async list({ orderId, customerId, before, limit }: PaymentFilter): Promise<Payment[]> {
    const params: unknown[] = [limit];
    const where = [['order_id =', orderId], ['customer_id =', customerId], ['id <', before]]
      .filter(([, value]) => value !== undefined)
      .map(([condition, value]) => `${condition} $${params.push(value)}`);
    // payment_order_id_key for one order, payment_of_customer for a customer, payment_pkey for all.
    const rows = await this.database.query<PaymentRow>(
      `SELECT ${COLUMNS} FROM payment ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY id DESC LIMIT $1`,
      params,
    );
    return rows.map((row) => paymentOf(row, []));
  }

  async paymentOfRefund(refundId: string): Promise<string | undefined> {
    const [row] = await this.database.query<{ payment_id: string }>('SELECT payment_id FROM refund WHERE id = $1', [refundId]);
    return row?.payment_id;
  }

  /** Brings the table of refunds to where the change brought the payment's pending ones. */
  async storeRefunds({ before, payment, facts }: Change): Promise<void> {
    const had = new Set(before?.pendingRefunds.map((it) => it.id));
    const has = new Set(payment.pendingRefunds.map((it) => it.id));
    for (const refund of payment.pendingRefunds.filter((it) => !had.has(it.id))) {
      await this.database.query(
        'INSERT INTO refund (id, payment_id, amount, status, changed_at) VALUES ($1, $2, $3, \'pending\', $4)',
        [refund.id, payment.id, refund.amount, payment.changedAt],
      );
    }
    for (const fact of facts) {
      if ((fact.is !== 'refunded' && fact.is !== 'refund-refused') || !had.has(fact.refundId) || has.has(fact.refundId)) continue;
      await this.database.query(
        'UPDATE refund SET status = $2, changed_at = $3 WHERE id = $1',
        [fact.refundId, fact.is === 'refunded' ? 'settled' : 'refused', payment.changedAt],
      );
    }
  }

  /** Adds the pending refunds, read after the row was locked, so that no other transaction is changing them. */
  private async whole([row]: readonly PaymentRow[]): Promise<Payment | undefined> {
    if (!row) return undefined;
    if (row.status !== 'captured') return paymentOf(row, []);
    // refund_pending
    const refunds = await this.database.query<Refund>(
      'SELECT id, amount FROM refund WHERE payment_id = $1 AND status = \'pending\' ORDER BY id',
      [row.id],
    );
    return paymentOf(row, refunds);
  }
}
