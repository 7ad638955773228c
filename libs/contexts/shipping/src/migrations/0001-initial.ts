import type { Migration } from '@banyan/kernel/persistence';

export const initial: Migration = {
  name: '0001-initial',
  sql: `
    CREATE TABLE shipment (
      id uuid PRIMARY KEY,
      order_id uuid NOT NULL CONSTRAINT shipment_of_order UNIQUE,
      customer_id text NOT NULL,
      requested_at timestamptz NOT NULL,
      status text NOT NULL CHECK (status IN ('pending', 'dispatched', 'delivered', 'cancelled')),
      carrier text,
      tracking_number text,
      dispatched_at timestamptz,
      delivered_at timestamptz,
      order_cancelled_at timestamptz,
      CHECK ((status IN ('dispatched', 'delivered')) = (num_nonnulls(carrier, tracking_number, dispatched_at) = 3)),
      CHECK ((status = 'delivered') = (delivered_at IS NOT NULL)),
      CHECK (status <> 'cancelled' OR order_cancelled_at IS NOT NULL)
    );
    CREATE INDEX shipment_by_customer ON shipment (customer_id, id);
    CREATE INDEX shipment_by_status ON shipment (status, id);
    CREATE INDEX shipment_to_recall ON shipment (id) WHERE order_cancelled_at IS NOT NULL AND status <> 'cancelled';
  `,
};
