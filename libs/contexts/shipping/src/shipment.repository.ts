import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';
import type { Progress, Shipment } from './shipment.js';
import { type ShipmentRow, changingColumns, shipmentOf } from './shipment-row.js';

export interface ShipmentFilter {
  readonly customerId?: string | undefined;
  readonly orderId?: string | undefined;
  readonly status?: Progress['is'] | undefined;
  /** Only those whose goods are out there although the order is cancelled. */
  readonly recall: boolean;
  /** Only shipments older than this one: the page before ended with it. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/**
 * The only file that knows the table `shipment`. Its row lock decides between whatever meets at one shipment: two
 * dispatches, or a dispatch and a cancellation. The second sees what the first has committed.
 */
@Injectable()
export class ShipmentRepository {
  constructor(private readonly database: Database) {}

  /** Adds the shipment, unless its order has one already. */
  async add(shipment: Shipment): Promise<void> {
    await this.database.query(
      `INSERT INTO shipment (id, order_id, customer_id, requested_at, status) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (order_id) DO NOTHING`,
      [shipment.id, shipment.orderId, shipment.customerId, shipment.requestedAt, shipment.progress.is],
    );
  }

  /** Served by the primary key. */
  async find(id: string): Promise<Shipment | undefined> {
    const [row] = await this.database.query<ShipmentRow>('SELECT * FROM shipment WHERE id = $1', [id]);
    return row && shipmentOf(row);
  }

  /** Reads the shipment and holds its row until the transaction ends. Served by the primary key. */
  async lock(id: string): Promise<Shipment | undefined> {
    const [row] = await this.database.query<ShipmentRow>('SELECT * FROM shipment WHERE id = $1 FOR UPDATE', [id]);
    return row && shipmentOf(row);
  }

  /** The same, by the order. Served by shipment_of_order. */
  async lockOfOrder(orderId: string): Promise<Shipment | undefined> {
    const [row] = await this.database.query<ShipmentRow>('SELECT * FROM shipment WHERE order_id = $1 FOR UPDATE', [orderId]);
    return row && shipmentOf(row);
  }

  /** Stores what can change. */
  async update(shipment: Shipment): Promise<void> {
    await this.database.query(
      `UPDATE shipment SET status = $2, carrier = $3, tracking_number = $4, dispatched_at = $5, delivered_at = $6, order_cancelled_at = $7
       WHERE id = $1`,
      [shipment.id, ...changingColumns(shipment)],
    );
  }

  /**
   * Newest first: ids are UUIDv7. Served by shipment_of_order, shipment_by_customer, shipment_by_status,
   * shipment_to_recall or the primary key.
   */
  async list({ customerId, orderId, status, recall, before, limit }: ShipmentFilter): Promise<Shipment[]> {
    const values: unknown[] = [];
    const conditions = recall ? [`order_cancelled_at IS NOT NULL AND status <> 'cancelled'`] : [];
    const where = (condition: string, value: unknown): void => {
      if (value !== undefined) conditions.push(`${condition} $${values.push(value)}`);
    };
    where('customer_id =', customerId);
    where('order_id =', orderId);
    where('status =', status);
    where('id <', before);
    const rows = await this.database.query<ShipmentRow>(
      `SELECT * FROM shipment ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''} ORDER BY id DESC LIMIT $${values.push(limit)}`,
      values,
    );
    return rows.map(shipmentOf);
  }
}
