import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';

export interface SalesDay {
  readonly date: string;
  readonly orders: number;
  readonly units: number;
  readonly revenue: number;
  readonly refunds: number;
}

/** Sales and refunds, one row per fact. */
@Injectable()
export class SalesRepository {
  constructor(private readonly database: Database) {}

  async noteSale(sale: { orderId: string; soldOn: string; units: number; revenue: number }): Promise<void> {
    await this.database.query(
      `INSERT INTO sale (order_id, sold_on, units, revenue) VALUES ($1, $2, $3, $4)`,
      [sale.orderId, sale.soldOn, sale.units, sale.revenue],
    );
  }

  async noteRefund(refund: { factId: string; bookedOn: string; amount: number }): Promise<void> {
    await this.database.query(
      `INSERT INTO refund (fact_id, booked_on, amount) VALUES ($1, $2, $3)`,
      [refund.factId, refund.bookedOn, refund.amount],
    );
  }

  /**
   * Days with sales or refunds from `from` up to, not including, `to`; amounts in minor units.
   * Two index-only scans, over sale_by_day and refund_by_day.
   */
  async days(from: string | undefined, to: string | undefined): Promise<SalesDay[]> {
    return this.database.query<SalesDay>(
      `SELECT to_char(day, 'YYYY-MM-DD') AS date,
              sum(orders)::bigint AS orders, sum(units)::bigint AS units,
              sum(revenue)::bigint AS revenue, sum(refunds)::bigint AS refunds
       FROM (
         SELECT sold_on AS day, count(*) AS orders, sum(units) AS units, sum(revenue) AS revenue, 0 AS refunds
         FROM sale WHERE sold_on >= coalesce($1::date, '-infinity') AND sold_on < coalesce($2::date, 'infinity') GROUP BY sold_on
         UNION ALL
         SELECT booked_on, 0, 0, 0, sum(amount)
         FROM refund WHERE booked_on >= coalesce($1::date, '-infinity') AND booked_on < coalesce($2::date, 'infinity') GROUP BY booked_on
       ) AS facts
       GROUP BY day ORDER BY day`,
      [from ?? null, to ?? null],
    );
  }
}
