import type { Migration } from '../persistence/index.js';

/**
 * The outbox becomes a log: rows are written, read and truncated with their whole slot, and never updated or deleted, so
 * that a transaction which holds back cleaning leaves no dead rows to read through. See ADR 0015.
 *
 * `xid` is the writing transaction's; it stands before `position` everywhere because a position must be drawn by a
 * transaction that has its id already (`LogReader` leans on it).
 */
export const logMigrations: Migration[] = [{ name: 'messaging-0003-log', contracts: '0.1.0: no version that was released knows the outbox that is dropped here', sql: `
  ALTER TABLE outbox RENAME TO outbox_before;
  CREATE TABLE outbox (
    slot           smallint    NOT NULL,
    xid            xid8        NOT NULL,
    position       bigint      NOT NULL,
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
  ) PARTITION BY LIST (slot);
  CREATE SEQUENCE outbox_positions OWNED BY outbox.position;
  -- What is never updated and soon truncated needs no vacuum, and its statements are planned along indexes.
  CREATE TABLE outbox_0 PARTITION OF outbox FOR VALUES IN (0) WITH (autovacuum_enabled = false);
  CREATE TABLE outbox_1 PARTITION OF outbox FOR VALUES IN (1) WITH (autovacuum_enabled = false);
  CREATE TABLE outbox_2 PARTITION OF outbox FOR VALUES IN (2) WITH (autovacuum_enabled = false);
  CREATE INDEX outbox_by_position ON outbox (position);
  CREATE INDEX outbox_by_xid ON outbox (xid);

  -- How far the log is read: the row with the highest id. Appended, not updated, for the same reason.
  CREATE TABLE relay_progress (
    slot      smallint    NOT NULL,
    id        bigint      NOT NULL,
    cluster   bigint      NOT NULL,
    seen      pg_snapshot NOT NULL,
    edge      xid8        NOT NULL,
    floor     bigint      NOT NULL,
    upto      pg_snapshot,
    upto_edge xid8,
    after     bigint      NOT NULL,
    begun     bigint      NOT NULL
  ) PARTITION BY LIST (slot);
  CREATE SEQUENCE relay_progress_ids OWNED BY relay_progress.id;
  CREATE TABLE relay_progress_0 PARTITION OF relay_progress FOR VALUES IN (0) WITH (autovacuum_enabled = false);
  CREATE TABLE relay_progress_1 PARTITION OF relay_progress FOR VALUES IN (1) WITH (autovacuum_enabled = false);
  CREATE TABLE relay_progress_2 PARTITION OF relay_progress FOR VALUES IN (2) WITH (autovacuum_enabled = false);
  CREATE INDEX relay_progress_by_id ON relay_progress (id);
  INSERT INTO relay_progress
  SELECT 0, nextval('relay_progress_ids'), system_identifier, '3:3:', '3', 0, NULL, NULL, 0, 0 FROM pg_control_system();

  -- Announced, and as far as it is noted not yet with every subscriber.
  CREATE VIEW outbox_unread WITH (security_invoker = true) AS
  SELECT outbox.* FROM (SELECT * FROM relay_progress ORDER BY id DESC LIMIT 1) AS read, outbox
  WHERE outbox.xid >= pg_snapshot_xmin(read.seen) AND NOT pg_visible_in_snapshot(outbox.xid, read.seen)
    AND (read.upto IS NULL OR outbox.position > read.after OR NOT pg_visible_in_snapshot(outbox.xid, read.upto));

  INSERT INTO outbox
  SELECT 0, pg_current_xact_id(), nextval('outbox_positions'), event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload
  FROM (SELECT * FROM outbox_before ORDER BY position) AS before;
  DROP TABLE outbox_before;
  ALTER TABLE relay_lease DROP COLUMN begun;
` }];
