import type { Migration } from '@banyan/kernel/persistence';

export const initial: Migration = {
  name: '0001-initial',
  sql: `
    CREATE TABLE orders (
      id uuid PRIMARY KEY,
      customer_id text NOT NULL,
      placed_at timestamptz NOT NULL,
      payment_method text NOT NULL,
      status text NOT NULL CHECK (status IN ('pending', 'confirmed', 'rejected', 'cancelled')),
      total bigint NOT NULL CHECK (total >= 0),
      reason jsonb,
      cancellation jsonb,
      history jsonb NOT NULL
    );
    CREATE INDEX orders_by_customer ON orders (customer_id, id);
    CREATE INDEX orders_by_status ON orders (status, id);

    CREATE TABLE order_line (
      order_id uuid NOT NULL REFERENCES orders,
      line integer NOT NULL,
      sku text NOT NULL,
      quantity integer NOT NULL CHECK (quantity > 0),
      unit_price bigint NOT NULL CHECK (unit_price >= 0),
      PRIMARY KEY (order_id, line)
    );

    CREATE TABLE credit_note (
      id uuid PRIMARY KEY,
      customer_id text NOT NULL,
      issued_at timestamptz NOT NULL,
      status text NOT NULL CHECK (status IN ('pending', 'issued')),
      total bigint NOT NULL CHECK (total >= 0)
    );
    CREATE INDEX credit_note_by_status ON credit_note (status, id);

    CREATE TABLE credit_note_line (
      credit_note_id uuid NOT NULL REFERENCES credit_note,
      line integer NOT NULL,
      sku text NOT NULL,
      quantity integer NOT NULL CHECK (quantity > 0),
      unit_price bigint NOT NULL CHECK (unit_price >= 0),
      PRIMARY KEY (credit_note_id, line)
    );
  `,
};
