import type { Migration } from '../persistence/index.js';
import { logMigrations } from './log-migrations.js';
import { parkingMigrations } from './parking-migrations.js';
import { rebuildMigrations } from './rebuild-migrations.js';

/** What the bus keeps in each context's own schema. Positions are the order of commit per key, never a public id. */
export const messagingMigrations: Migration[] = [{ name: 'messaging-0001-outbox-inbox', sql: `
  CREATE TABLE outbox (
    position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id       uuid        NOT NULL,
    event_type     text        NOT NULL,
    event_version  integer     NOT NULL,
    occurred_at    timestamptz NOT NULL,
    aggregate_type text        NOT NULL,
    aggregate_id   text        NOT NULL,
    correlation_id text        NOT NULL,
    causation_id   text        NOT NULL,
    traceparent    text        NOT NULL,
    payload        jsonb       NOT NULL
  );
  -- Every row is deleted within milliseconds: vacuum by count, not by share of the table, or reading starts at the dead.
  ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);

  -- One row: who may take events out of the outbox. Expiry is on this database's clock, the epoch is the fence.
  CREATE TABLE relay_lease (
    single     boolean     PRIMARY KEY DEFAULT true CHECK (single),
    epoch      bigint      NOT NULL DEFAULT 0,
    holder     text        NOT NULL DEFAULT 'nobody',
    expires_at timestamptz NOT NULL DEFAULT '-infinity',
    begun      bigint      NOT NULL DEFAULT 0
  );
  INSERT INTO relay_lease DEFAULT VALUES;

  -- pending: not handled yet. waiting: failed, tried again at next_attempt_at. parked: waits for an operator.
  -- Whether an event is held up by an earlier one of its key is never stored: it follows from the earlier row.
  CREATE TABLE inbox (
    event_id        uuid        PRIMARY KEY,
    position        bigint      GENERATED ALWAYS AS IDENTITY,
    lane            smallint    NOT NULL,
    status          text        NOT NULL CHECK (status IN ('pending', 'waiting', 'parked', 'done', 'discarded')),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT '-infinity',
    delay_ms        integer     NOT NULL DEFAULT 0,
    last_error      text,
    received_at     timestamptz NOT NULL DEFAULT statement_timestamp(),
    handled_at      timestamptz,
    event_type      text,
    event_version   integer,
    occurred_at     timestamptz,
    aggregate_type  text,
    aggregate_id    text        NOT NULL,
    correlation_id  text,
    causation_id    text,
    traceparent     text,
    payload         jsonb,
    unreadable      text,
    CHECK (unreadable IS NOT NULL OR (event_type IS NOT NULL AND event_version IS NOT NULL AND occurred_at IS NOT NULL
      AND aggregate_type IS NOT NULL AND correlation_id IS NOT NULL AND causation_id IS NOT NULL AND traceparent IS NOT NULL AND payload IS NOT NULL))
  ) WITH (fillfactor = 80);
  ALTER TABLE inbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.05);
  CREATE INDEX inbox_ready ON inbox (lane, position) WHERE status IN ('pending', 'waiting');
  CREATE INDEX inbox_held ON inbox (aggregate_id, position) WHERE status IN ('waiting', 'parked');
  CREATE INDEX inbox_received ON inbox USING brin (received_at);

  -- Events that were handled when they arrived, for the inbox never held them; only so that they are known again. Which
  -- slot is written to changes with time, and the oldest is emptied as a whole.
  CREATE TABLE inbox_handled (slot smallint NOT NULL, event_id uuid NOT NULL) PARTITION BY LIST (slot);
  CREATE TABLE inbox_handled_0 PARTITION OF inbox_handled (slot DEFAULT 0, PRIMARY KEY (event_id)) FOR VALUES IN (0);
  CREATE TABLE inbox_handled_1 PARTITION OF inbox_handled (slot DEFAULT 1, PRIMARY KEY (event_id)) FOR VALUES IN (1);
  CREATE TABLE inbox_handled_2 PARTITION OF inbox_handled (slot DEFAULT 2, PRIMARY KEY (event_id)) FOR VALUES IN (2);
` }, { name: 'messaging-0002-carrier', sql: `
  -- Who may still have events under way that have left this outbox; '' when nobody has.
  ALTER TABLE relay_lease ADD COLUMN carrier text NOT NULL DEFAULT '';
` }, ...parkingMigrations, ...logMigrations, ...rebuildMigrations];
