import type { Migration } from '@banyan/kernel/persistence';

/** What is known of an order's shipment, once it has left. */
export const shipments: Migration = {
  name: '0002-shipments',
  sql: `
    ALTER TABLE order_report
      ADD COLUMN shipment_id uuid,
      ADD COLUMN shipment_status text,
      ADD COLUMN carrier text,
      ADD COLUMN tracking_number text;
  `,
};
