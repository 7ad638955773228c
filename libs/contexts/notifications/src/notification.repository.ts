import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';
import { type Notification, type NotificationStatus, newsSchema } from './notification.js';

interface NotificationRow {
  readonly id: string;
  readonly event_id: string;
  readonly customer_id: string;
  readonly order_id: string;
  readonly news: unknown;
  readonly status: NotificationStatus;
  readonly attempts: number;
  readonly noted_at: Date;
  readonly sent_at: Date | null;
}

const COLUMNS = 'id, event_id, customer_id, order_id, news, status, attempts, noted_at, sent_at';

/** The only file that knows the table `notification`. */
@Injectable()
export class NotificationRepository {
  constructor(private readonly database: Database) {}

  /** Adds it. @returns false when the customer is told of this event already */
  async add({ id, eventId, customerId, orderId, news, status, notedAt }: Notification): Promise<boolean> {
    const added = await this.database.query(
      `INSERT INTO notification (id, event_id, customer_id, order_id, news, status, noted_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT ON CONSTRAINT notification_once DO NOTHING RETURNING id`,
      [id, eventId, customerId, orderId, JSON.stringify(news), status, notedAt],
    );
    return added.length > 0;
  }

  /** Queues what waits for a customer's address, and answers with the ids. Served by notification_without_address. */
  async queueWaiting(customerId: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `UPDATE notification SET status = 'queued' WHERE customer_id = $1 AND status = 'no-address' RETURNING id`, [customerId],
    );
    return rows.map((row) => row.id);
  }

  /** Reads it and holds its row until the transaction ends. Served by the primary key. */
  async lock(id: string): Promise<Notification | undefined> {
    const [row] = await this.database.query<NotificationRow>(`SELECT ${COLUMNS} FROM notification WHERE id = $1 FOR UPDATE`, [id]);
    return row && notificationOf(row);
  }

  async countAttempt(id: string): Promise<void> {
    await this.database.query('UPDATE notification SET attempts = attempts + 1 WHERE id = $1', [id]);
  }

  async markSent(id: string, at: Date): Promise<void> {
    await this.database.query(`UPDATE notification SET status = 'sent', sent_at = $2 WHERE id = $1 AND status = 'queued'`, [id, at]);
  }

  /** @param failure why, in few words or the mail server's code; never with an address */
  async markFailed(id: string, failure: string): Promise<void> {
    await this.database.query(`UPDATE notification SET status = 'failed', failure = $2 WHERE id = $1 AND status = 'queued'`, [id, failure]);
  }

  /** Newest first: ids are UUIDv7. Served by notification_by_customer. */
  async list({ customerId, before, limit }: { customerId: string; before: string | undefined; limit: number }): Promise<Notification[]> {
    const values = [customerId, limit, ...(before === undefined ? [] : [before])];
    const rows = await this.database.query<NotificationRow>(
      `SELECT ${COLUMNS} FROM notification WHERE customer_id = $1 ${before === undefined ? '' : 'AND id < $3'} ORDER BY id DESC LIMIT $2`,
      values,
    );
    return rows.map(notificationOf);
  }
}

function notificationOf(row: NotificationRow): Notification {
  return {
    id: row.id,
    eventId: row.event_id,
    customerId: row.customer_id,
    orderId: row.order_id,
    news: newsSchema.parse(row.news),
    status: row.status,
    attempts: row.attempts,
    notedAt: row.noted_at,
    sentAt: row.sent_at ?? undefined,
  };
}
