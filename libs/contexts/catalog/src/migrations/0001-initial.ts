import type { Migration } from '@banyan/kernel/persistence';

/** The articles of the shop. */
export const initial: Migration = {
  name: '0001-initial',
  sql: `
    create table product (
      -- Collation "C": pages follow the order of bytes, on every machine.
      sku text collate "C" primary key,
      name text not null,
      price_amount bigint not null constraint product_price_not_negative check (price_amount >= 0),
      price_currency text not null,
      version integer not null,
      changed_at timestamptz not null,
      -- SKU and name as searched: folded by the application, because folding in SQL depends on the locale.
      search_text text collate "C" not null
    );
  `,
};
