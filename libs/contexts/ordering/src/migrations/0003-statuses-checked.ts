import type { Migration } from '@banyan/kernel/persistence';

/** Looks through the orders that were there before 0002, while others go on reading and writing. */
export const statusesChecked: Migration = {
  name: '0003-statuses-checked',
  sql: `ALTER TABLE orders VALIDATE CONSTRAINT orders_status_check;`,
};
