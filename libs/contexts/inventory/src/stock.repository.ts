import { Database } from '@banyan/kernel/persistence';
import { Clock } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { EFFECT, type MovementKind, type StockLevel, type StockLine } from './stock.js';

interface StockRow {
  sku: string;
  on_hand: number;
  reserved: number;
}

/**
 * The shelves and the history of their movements.
 *
 * Whoever changes several shelves locks them first, always in the order of the SKU, so that two orders with the
 * same articles wait for each other and never deadlock. The locks end with the transaction; when its process
 * dies, PostgreSQL rolls back and releases them.
 */
@Injectable()
export class StockRepository {
  constructor(private readonly database: Database, private readonly clock: Clock) {}

  async find(sku: string): Promise<StockLevel | undefined> {
    const [row] = await this.database.query<StockRow>('SELECT sku, on_hand, reserved FROM stock WHERE sku = $1', [sku]);
    return row && levelOf(row);
  }

  /** Locks the shelves of the given articles until the transaction ends; an unknown article has none. */
  async lock(skus: readonly string[]): Promise<StockLevel[]> {
    // stock_pkey; the sort is below the lock, so rows are locked in its order.
    const rows = await this.database.query<StockRow>(
      'SELECT sku, on_hand, reserved FROM stock WHERE sku = ANY($1) ORDER BY sku FOR UPDATE',
      [skus],
    );
    return rows.map(levelOf);
  }

  /** Moves pieces on shelves that the transaction has locked, and writes their history. One line per article. */
  async move(kind: MovementKind, reference: string, lines: readonly StockLine[]): Promise<void> {
    const effect = EFFECT[kind];
    // stock_pkey, one probe per line.
    await this.database.query(
      `WITH line AS (
         SELECT * FROM unnest($1::text[], $2::bigint[]) AS line (sku, quantity)
       ), moved AS (
         UPDATE stock
         SET on_hand = on_hand + $3 * quantity, reserved = reserved + $4 * quantity, version = version + 1
         FROM line WHERE stock.sku = line.sku
         RETURNING stock.sku, version, quantity, on_hand, reserved
       )
       INSERT INTO stock_movement (sku, version, kind, quantity, on_hand_after, reserved_after, reference, occurred_at)
       SELECT sku, version, $5, quantity, on_hand, reserved, $6, $7 FROM moved`,
      [...columns(lines), effect.onHand, effect.reserved, kind, reference, this.clock.now()],
    );
  }

  /**
   * Puts goods on their shelves, making a shelf for an article that had none, and writes their history.
   * Rows are inserted, met and locked in the order of the SKU. One line per article.
   */
  async bring(kind: 'receipt' | 'return', reference: string, lines: readonly StockLine[]): Promise<StockLevel[]> {
    // stock_pkey, as the arbiter of the conflict.
    const rows = await this.database.query<StockRow>(
      `WITH brought AS (
         INSERT INTO stock (sku, on_hand, reserved, version)
         SELECT sku, quantity, 0, 1 FROM unnest($1::text[], $2::bigint[]) AS line (sku, quantity)
         ORDER BY sku COLLATE "C"
         ON CONFLICT (sku) DO UPDATE SET on_hand = stock.on_hand + excluded.on_hand, version = stock.version + 1
         RETURNING sku, version, on_hand, reserved
       ), noted AS (
         INSERT INTO stock_movement (sku, version, kind, quantity, on_hand_after, reserved_after, reference, occurred_at)
         SELECT sku, version, $3, quantity, on_hand, reserved, $4, $5
         FROM brought JOIN unnest($1::text[], $2::bigint[]) AS line (sku, quantity) USING (sku)
       )
       SELECT sku, on_hand, reserved FROM brought`,
      [...columns(lines), kind, reference, this.clock.now()],
    );
    return rows.map(levelOf);
  }
}

function columns(lines: readonly StockLine[]): [string[], number[]] {
  return [lines.map((line) => line.sku), lines.map((line) => line.quantity)];
}

function levelOf(row: StockRow): StockLevel {
  return { sku: row.sku, onHand: row.on_hand, reserved: row.reserved };
}
