import type { Migration } from '../persistence/index.js';

/** The tables of the sagas, in the schema of the context that owns them. Times are the database's. */
export const sagaMigrations: Migration[] = [{
  name: 'saga-0001-saga',
  sql: `
    CREATE TABLE saga (
      name           text        NOT NULL,
      id             text        NOT NULL,
      version        integer     NOT NULL,
      status         text        NOT NULL CHECK (status IN ('running', 'compensating', 'done', 'compensated')),
      step           text,
      state          jsonb       NOT NULL,
      reason         jsonb,
      epoch          bigint      NOT NULL DEFAULT 0,
      claimed_by     text,
      due_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
      step_since     timestamptz NOT NULL DEFAULT clock_timestamp(),
      step_deadline  timestamptz,
      attempts       integer     NOT NULL DEFAULT 0,
      pause_ms       integer     NOT NULL DEFAULT 0,
      last_error     text,
      needs_operator boolean     NOT NULL DEFAULT false,
      correlation_id text        NOT NULL,
      traceparent    text        NOT NULL,
      started_by     jsonb       NOT NULL,
      started_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
      ended_at       timestamptz,
      PRIMARY KEY (name, id),
      CHECK ((step IS NULL) = (ended_at IS NOT NULL))
    ) WITH (fillfactor = 75);
    COMMENT ON COLUMN saga.epoch IS 'The fence: it grows with every claim and release, and a checkpoint of an older one does nothing.';
    COMMENT ON COLUMN saga.due_at IS 'When an executor may claim it next; a claim pushes it behind its lease.';
    COMMENT ON COLUMN saga.step_deadline IS 'When the step is given up; null where it never is.';

    -- For the claim. Checkpoints leave due_at alone, so they stay off this index.
    CREATE INDEX saga_due ON saga (due_at) WHERE ended_at IS NULL;

    CREATE TABLE saga_step (
      name       text        NOT NULL,
      id         text        NOT NULL,
      step       text        NOT NULL,
      direction  text        NOT NULL CHECK (direction IN ('do', 'undo')),
      outcome    text        NOT NULL CHECK (outcome IN ('done', 'refused', 'timed-out', 'undone')),
      attempts   integer     NOT NULL,
      started_at timestamptz NOT NULL,
      ended_at   timestamptz NOT NULL,
      PRIMARY KEY (name, id, step, direction),
      FOREIGN KEY (name, id) REFERENCES saga ON DELETE CASCADE
    );
  `,
}];
