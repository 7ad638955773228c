import type { Migration } from '../../persistence/index.js';

/** The tape of one context, in its own schema, so that what a transaction does and what is known of it commit together. */
export const tapeMigrations: Migration[] = [{
  name: 'tape-0001-tape',
  sql: `
    -- transaction: one business transaction, with the inputs it belongs to. endings: what came after the last transaction
    -- of some inputs, or of inputs without any. unasked: rows that changed without an input that was written down.
    CREATE TABLE tape (
      position bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      xid      xid8        NOT NULL DEFAULT pg_current_xact_id(),
      kind     text        NOT NULL CHECK (kind IN ('transaction', 'endings', 'unasked')),
      entry    json        NOT NULL,
      rows     text,
      at       timestamptz NOT NULL DEFAULT clock_timestamp()
    );
    COMMENT ON COLUMN tape.position IS 'The order of commit for whatever waits for each other: it is drawn last in the transaction.';
    -- For whoever reads what a snapshot did not show yet.
    CREATE INDEX tape_xid ON tape (xid);
    ALTER TABLE tape SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);
  `,
}];
