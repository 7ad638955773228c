import type { Migration } from '@banyan/kernel/persistence';

/**
 * Facts are kept one row each and summed when asked: a counter per day would make every confirmed order of a day
 * wait for the same row.
 */
export const initial: Migration = {
  name: '0001-initial',
  sql: `
    CREATE TABLE customer (
      id text PRIMARY KEY,
      name text NOT NULL,
      email text NOT NULL
    );

    CREATE TABLE order_report (
      order_id uuid PRIMARY KEY,
      customer_id text,
      status text,
      placed_at timestamptz,
      total bigint,
      units bigint,
      payment_id uuid,
      payment_status text,
      authorized bigint NOT NULL DEFAULT 0,
      captured bigint NOT NULL DEFAULT 0,
      refunded bigint NOT NULL DEFAULT 0
    );

    CREATE TABLE sale (
      order_id uuid PRIMARY KEY,
      sold_on date NOT NULL,
      units bigint NOT NULL,
      revenue bigint NOT NULL
    );
    CREATE INDEX sale_by_day ON sale (sold_on) INCLUDE (units, revenue);

    CREATE TABLE refund (
      fact_id uuid PRIMARY KEY,
      booked_on date NOT NULL,
      amount bigint NOT NULL
    );
    CREATE INDEX refund_by_day ON refund (booked_on) INCLUDE (amount);
  `,
};
