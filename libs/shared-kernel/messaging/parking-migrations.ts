import type { Migration } from '../persistence/index.js';

/**
 * What is remembered of events that fail, and of what operators do about them. The failures of an event live and die
 * with its row; what an operator did stays, and the context's role can neither change nor delete it.
 */
export const parkingMigrations: Migration[] = [{ name: 'messaging-parking-0001-history', sql: `
  ALTER TABLE inbox ADD COLUMN failures jsonb, ADD COLUMN parked_at timestamptz;

  -- One row per redrive or discard: the same principal and key are the same wish, sent again.
  CREATE TABLE parking_change (
    change          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    principal_id    text        NOT NULL,
    idempotency_key text        NOT NULL,
    what            text        NOT NULL CHECK (what IN ('redrive', 'discard')),
    reason          text        NOT NULL,
    request_hash    text        NOT NULL,
    outcome         jsonb       NOT NULL,
    changed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (principal_id, idempotency_key)
  );
  CREATE TABLE parking_change_event (
    event_id   uuid    NOT NULL,
    change     bigint  NOT NULL REFERENCES parking_change,
    event_type text,
    key        text    NOT NULL,
    attempts   integer NOT NULL,
    last_error text,
    PRIMARY KEY (event_id, change)
  );
  DO $$ BEGIN
    EXECUTE format('REVOKE UPDATE, DELETE ON parking_change, parking_change_event FROM %I', 'banyan_' || current_schema());
  END $$;
` }];
