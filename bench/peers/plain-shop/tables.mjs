/** The facts that our contexts keep between them, in one schema. */
export const tables = `
  CREATE TABLE product (sku text COLLATE "C" PRIMARY KEY, name text NOT NULL, price bigint NOT NULL);
  CREATE TABLE stock (sku text COLLATE "C" PRIMARY KEY, on_hand bigint NOT NULL CHECK (on_hand >= 0), version bigint NOT NULL) WITH (fillfactor = 70);
  CREATE TABLE stock_movement (
    sku text COLLATE "C" NOT NULL, version bigint NOT NULL, quantity bigint NOT NULL, on_hand_after bigint NOT NULL,
    order_id uuid NOT NULL, occurred_at timestamptz NOT NULL, PRIMARY KEY (sku, version)
  );
  CREATE TABLE orders (
    id uuid PRIMARY KEY, customer_id text NOT NULL, placed_at timestamptz NOT NULL, status text NOT NULL, total bigint NOT NULL, history jsonb NOT NULL
  );
  CREATE INDEX orders_by_customer ON orders (customer_id, id);
  CREATE INDEX orders_by_status ON orders (status, id);
  CREATE TABLE order_line (
    order_id uuid NOT NULL REFERENCES orders, line integer NOT NULL, sku text NOT NULL, quantity integer NOT NULL, unit_price bigint NOT NULL, PRIMARY KEY (order_id, line)
  );
  CREATE TABLE payment (
    id uuid PRIMARY KEY, order_id uuid NOT NULL UNIQUE, customer_id text NOT NULL, amount bigint NOT NULL, status text NOT NULL, authorization_id text NOT NULL, changed_at timestamptz NOT NULL
  );
  CREATE INDEX payment_of_customer ON payment (customer_id, id);
  CREATE TABLE payment_event (
    payment_id uuid NOT NULL REFERENCES payment, version integer NOT NULL, kind text NOT NULL, amount bigint NOT NULL, occurred_at timestamptz NOT NULL, PRIMARY KEY (payment_id, version)
  );
  CREATE TABLE ledger_entry (
    booking_id uuid NOT NULL, line smallint NOT NULL, payment_id uuid NOT NULL REFERENCES payment, account text NOT NULL, debit bigint NOT NULL, credit bigint NOT NULL,
    occurred_at timestamptz NOT NULL, PRIMARY KEY (booking_id, line)
  );
  CREATE TABLE sale (order_id uuid PRIMARY KEY, sold_on date NOT NULL, units bigint NOT NULL, revenue bigint NOT NULL);
  CREATE INDEX sale_by_day ON sale (sold_on) INCLUDE (units, revenue);
  CREATE TABLE idempotency_key (customer_id text NOT NULL, key text NOT NULL, input_hash text NOT NULL, status integer, answer jsonb, created_at timestamptz NOT NULL, PRIMARY KEY (customer_id, key));
`;
