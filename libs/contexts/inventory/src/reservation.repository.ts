import { Database } from '@banyan/kernel/persistence';
import { Clock } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import type { StockLine } from './stock.js';

/** `released` stays as a tombstone: whatever comes late for that order is refused. */
export type ReservationStatus = 'reserved' | 'taken' | 'released';

/**
 * What orders hold, one row per order. The row is locked before any shelf, by everyone, and is what decides
 * between a reservation and a release that meet: the second sees what the first has committed.
 */
@Injectable()
export class ReservationRepository {
  constructor(private readonly database: Database, private readonly clock: Clock) {}

  /**
   * Makes the order's row, or locks the one it has.
   * @returns the status that was there, undefined when the row is new
   */
  async open(orderId: string, status: ReservationStatus): Promise<ReservationStatus | undefined> {
    const made = await this.database.query(
      'INSERT INTO reservation (order_id, status, changed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING order_id',
      [orderId, status, this.clock.now()],
    );
    return made.length > 0 ? undefined : this.lock(orderId);
  }

  /** Locks the order's row until the transaction ends. */
  async lock(orderId: string): Promise<ReservationStatus | undefined> {
    const [row] = await this.database.query<{ status: ReservationStatus }>(
      'SELECT status FROM reservation WHERE order_id = $1 FOR UPDATE',
      [orderId],
    );
    return row?.status;
  }

  async setStatus(orderId: string, status: ReservationStatus): Promise<void> {
    await this.database.query('UPDATE reservation SET status = $2, changed_at = $3 WHERE order_id = $1', [orderId, status, this.clock.now()]);
  }

  /** One line per article. */
  async storeLines(orderId: string, lines: readonly StockLine[]): Promise<void> {
    await this.database.query(
      'INSERT INTO reservation_line (order_id, sku, quantity) SELECT $1, * FROM unnest($2::text[], $3::bigint[])',
      [orderId, lines.map((line) => line.sku), lines.map((line) => line.quantity)],
    );
  }

  async linesOf(orderId: string): Promise<StockLine[]> {
    // reservation_line_pkey, by its first column.
    return this.database.query<StockLine>('SELECT sku, quantity FROM reservation_line WHERE order_id = $1', [orderId]);
  }
}
