import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';

export interface OrderReport {
  readonly order_id: string;
  readonly customer_id: string;
  readonly customer_name: string | null;
  readonly customer_email: string | null;
  readonly status: string;
  readonly placed_at: Date;
  readonly total: number;
  readonly units: number;
  readonly payment_id: string | null;
  readonly payment_status: string | null;
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  readonly shipment_id: string | null;
  readonly shipment_status: string | null;
  readonly carrier: string | null;
  readonly tracking_number: string | null;
}

interface PaymentFact {
  readonly orderId: string;
  readonly paymentId: string;
  readonly status: string;
  /** Minor units, added to what is known. */
  readonly authorized?: number;
  readonly captured?: number;
  readonly refunded?: number;
}

/**
 * One row per order, filled from the events of ordering, payments and shipping. These come in no common order, so the
 * first of each makes the row when it is missing, and every statement touches its own columns only.
 */
@Injectable()
export class OrderReportRepository {
  constructor(private readonly database: Database) {}

  async noteCustomer(customer: { id: string; name: string; email: string }): Promise<void> {
    await this.database.query(
      `INSERT INTO customer (id, name, email) VALUES ($1, $2, $3)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email`,
      [customer.id, customer.name, customer.email],
    );
  }

  async noteOrder(order: { orderId: string; customerId: string; placedAt: string; total: number; units: number }): Promise<void> {
    await this.database.query(
      `INSERT INTO order_report (order_id, customer_id, status, placed_at, total, units) VALUES ($1, $2, 'pending', $3, $4, $5)
       ON CONFLICT (order_id) DO UPDATE SET customer_id = excluded.customer_id, status = excluded.status,
         placed_at = excluded.placed_at, total = excluded.total, units = excluded.units`,
      [order.orderId, order.customerId, order.placedAt, order.total, order.units],
    );
  }

  async noteStatus(orderId: string, status: string): Promise<void> {
    await this.database.query(`UPDATE order_report SET status = $2 WHERE order_id = $1`, [orderId, status]);
  }

  async notePayment({ orderId, paymentId, status, authorized = 0, captured = 0, refunded = 0 }: PaymentFact): Promise<void> {
    await this.database.query(
      `INSERT INTO order_report AS known (order_id, payment_id, payment_status, authorized, captured, refunded) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (order_id) DO UPDATE SET payment_id = excluded.payment_id, payment_status = excluded.payment_status,
         authorized = known.authorized + excluded.authorized, captured = known.captured + excluded.captured,
         refunded = known.refunded + excluded.refunded`,
      [orderId, paymentId, status, authorized, captured, refunded],
    );
  }

  async noteShipment(shipment: { orderId: string; shipmentId: string; carrier: string; trackingNumber: string }): Promise<void> {
    await this.database.query(
      `INSERT INTO order_report (order_id, shipment_id, shipment_status, carrier, tracking_number) VALUES ($1, $2, 'dispatched', $3, $4)
       ON CONFLICT (order_id) DO UPDATE SET shipment_id = excluded.shipment_id, shipment_status = excluded.shipment_status,
         carrier = excluded.carrier, tracking_number = excluded.tracking_number`,
      [shipment.orderId, shipment.shipmentId, shipment.carrier, shipment.trackingNumber],
    );
  }

  async noteDelivery(orderId: string): Promise<void> {
    await this.database.query(`UPDATE order_report SET shipment_status = 'delivered' WHERE order_id = $1`, [orderId]);
  }

  /** The row of an order that ordering has announced; undefined while only its payment or shipment is known. */
  async find(orderId: string): Promise<OrderReport | undefined> {
    const [row] = await this.database.query<OrderReport>(
      `SELECT report.*, customer.name AS customer_name, customer.email AS customer_email
       FROM order_report AS report LEFT JOIN customer ON customer.id = report.customer_id
       WHERE report.order_id = $1 AND report.customer_id IS NOT NULL`,
      [orderId],
    );
    return row;
  }
}
