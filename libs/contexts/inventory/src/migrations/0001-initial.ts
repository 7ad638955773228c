import type { Migration } from '@banyan/kernel/persistence';

/**
 * SKUs are compared by code point (`COLLATE "C"`): it is the order in which rows are locked, so it must not
 * depend on the locale of the server. `version` counts the movements of an article without a gap, which makes
 * its history an ordered list with no sequence and no clock in the key.
 */
export const initial: Migration = {
  name: '0001-initial',
  sql: `
    CREATE TABLE stock (
      sku text COLLATE "C" PRIMARY KEY,
      on_hand bigint NOT NULL,
      reserved bigint NOT NULL,
      version bigint NOT NULL,
      CONSTRAINT reserved_is_never_negative CHECK (reserved >= 0),
      CONSTRAINT reserved_is_on_hand CHECK (on_hand >= reserved)
    ) WITH (fillfactor = 70); -- leaves room on the page: an update changes no index

    CREATE TABLE stock_movement (
      sku text COLLATE "C" NOT NULL,
      version bigint NOT NULL,
      kind text NOT NULL CHECK (kind IN ('receipt', 'reserve', 'release', 'take', 'put-back', 'return')),
      quantity bigint NOT NULL CHECK (quantity > 0),
      on_hand_after bigint NOT NULL,
      reserved_after bigint NOT NULL CHECK (reserved_after >= 0 AND on_hand_after >= reserved_after),
      reference uuid NOT NULL, -- the receipt, the order or the return that moved it
      occurred_at timestamptz NOT NULL,
      PRIMARY KEY (sku, version)
    );

    CREATE TABLE reservation (
      order_id uuid PRIMARY KEY,
      status text NOT NULL CHECK (status IN ('reserved', 'taken', 'released')),
      changed_at timestamptz NOT NULL
    );

    CREATE TABLE reservation_line (
      order_id uuid NOT NULL REFERENCES reservation,
      sku text COLLATE "C" NOT NULL,
      quantity bigint NOT NULL CHECK (quantity > 0),
      PRIMARY KEY (order_id, sku)
    );

    CREATE TABLE stock_return (
      return_id uuid PRIMARY KEY,
      returned_at timestamptz NOT NULL
    );
  `,
};
