import type { Migration } from '@banyan/kernel/persistence';

/**
 * Orders may be shipped and delivered. The wider check holds for what is written from here on; the rows there are fit
 * it anyway and are looked through by the next migration, so that nobody waits for a table to be read here.
 */
export const shippedAndDelivered: Migration = {
  name: '0002-shipped-and-delivered',
  sql: `
    ALTER TABLE orders
      DROP CONSTRAINT orders_status_check,
      ADD CONSTRAINT orders_status_check
        CHECK (status IN ('pending', 'confirmed', 'shipped', 'delivered', 'rejected', 'cancelled')) NOT VALID;
  `,
};
