import type { Migration } from '../../persistence/index.js';

/** The name of the schema, and of the role, that all parallel runs of a house share. */
export const PARALLEL_RUN = 'parallel_run';

/** What parallel runs have found, and how far they are. */
export const parallelRunMigrations: readonly Migration[] = [{
  name: 'parallel-run-0001-findings',
  sql: `
    -- One comparison of a context with what a copy of it makes of the same inputs, from one seed of the copy to the next.
    CREATE TABLE run (
      id         uuid        PRIMARY KEY,
      context    text        NOT NULL,
      purpose    text        NOT NULL CHECK (purpose IN ('shadow', 'control')),
      state      text        NOT NULL CHECK (state IN ('playing', 'failing', 'ended')),
      trouble    text,
      keys       jsonb       NOT NULL,
      seen       text        NOT NULL,
      upto       text,
      after      text        NOT NULL,
      behind     bigint      NOT NULL DEFAULT 0,
      applied    bigint      NOT NULL DEFAULT 0,
      skipped    bigint      NOT NULL DEFAULT 0,
      undecided  bigint      NOT NULL DEFAULT 0,
      unanswered bigint      NOT NULL DEFAULT 0,
      dropped    bigint      NOT NULL DEFAULT 0,
      latency    jsonb,
      restarts   bigint      NOT NULL DEFAULT 0,
      started_at timestamptz NOT NULL DEFAULT now(),
      said_at    timestamptz NOT NULL DEFAULT now()
    );
    CREATE UNIQUE INDEX run_current ON run (context, purpose) WHERE state <> 'ended';
    COMMENT ON COLUMN run.behind IS 'Entries of the tape that were read and not played yet.';

    CREATE TABLE coverage (
      run      uuid   NOT NULL REFERENCES run ON DELETE CASCADE,
      endpoint text   NOT NULL,
      outcome  text   NOT NULL,
      compared bigint NOT NULL,
      equal    bigint NOT NULL,
      PRIMARY KEY (run, endpoint, outcome)
    );

    -- Differences of one cause: the same kind of difference, at the same place of the same endpoint.
    CREATE TABLE finding (
      id         uuid        PRIMARY KEY,
      run        uuid        NOT NULL REFERENCES run ON DELETE CASCADE,
      endpoint   text        NOT NULL,
      output     text        NOT NULL,
      kind       text        NOT NULL,
      field      text        NOT NULL,
      count      bigint      NOT NULL,
      sample     jsonb       NOT NULL,
      first_seen timestamptz NOT NULL DEFAULT now(),
      last_seen  timestamptz NOT NULL DEFAULT now(),
      UNIQUE (run, endpoint, output, kind, field)
    );

    -- Which inputs differed where, so that the control's differences can be told from the candidate's.
    CREATE TABLE mismatch (
      run      uuid NOT NULL REFERENCES run ON DELETE CASCADE,
      input    text NOT NULL,
      endpoint text NOT NULL,
      field    text NOT NULL,
      PRIMARY KEY (run, input, field)
    );

    CREATE TABLE waiver (
      id         uuid        PRIMARY KEY,
      context    text        NOT NULL,
      endpoint   text        NOT NULL,
      field      text        NOT NULL,
      owner      text        NOT NULL,
      reason     text        NOT NULL,
      actor      text        NOT NULL,
      expires_at timestamptz NOT NULL,
      at         timestamptz NOT NULL DEFAULT now()
    );
  `,
}, {
  name: 'parallel-run-0002-judgement',
  sql: `
    ALTER TABLE run ADD COLUMN reached_at timestamptz;
    COMMENT ON COLUMN run.reached_at IS 'When the latest input came in that was compared; what a control has not reached yet says nothing.';

    ALTER TABLE coverage ADD COLUMN wrote bigint NOT NULL DEFAULT 0;
    COMMENT ON COLUMN coverage.wrote IS 'How many of the compared inputs changed rows or announced events.';

    ALTER TABLE mismatch ADD COLUMN at timestamptz NOT NULL DEFAULT now();
    COMMENT ON COLUMN mismatch.at IS 'When the input came in, so that only what both copies have seen is held against each other.';

    ALTER TABLE waiver ALTER COLUMN endpoint DROP NOT NULL;
    ALTER TABLE waiver ADD COLUMN idempotency_key text;
    ALTER TABLE waiver ADD COLUMN ended_at timestamptz;
    ALTER TABLE waiver ADD COLUMN ended_by text;
  `,
}, {
  name: 'parallel-run-0003-latest-run',
  index: 'run_latest',
  sql: 'CREATE INDEX CONCURRENTLY run_latest ON run (context, purpose, started_at DESC)',
}, {
  name: 'parallel-run-0004-waivers-of-a-context',
  index: 'waiver_of_context',
  sql: 'CREATE INDEX CONCURRENTLY waiver_of_context ON waiver (context, at DESC)',
}, {
  name: 'parallel-run-0005-waivers-once',
  index: 'waiver_once',
  sql: 'CREATE UNIQUE INDEX CONCURRENTLY waiver_once ON waiver (idempotency_key)',
}, {
  name: 'parallel-run-0006-left-out',
  sql: `
    -- Inputs of which one run cannot tell whether they differ, so that nobody takes its silence for "the same".
    CREATE TABLE left_out (
      run   uuid NOT NULL REFERENCES run ON DELETE CASCADE,
      input text NOT NULL,
      PRIMARY KEY (run, input)
    );
    COMMENT ON COLUMN run.behind IS 'Entries of the tape that were read and not played yet, and reads that wait for what comes next.';
  `,
}, {
  name: 'parallel-run-0007-recording',
  sql: `
    -- What the build that an app runs calls personal in a context: it hides what comes in, and whoever plays hides the rows.
    CREATE TABLE recording (
      context  text        NOT NULL,
      app      text        NOT NULL,
      personal text[]      NOT NULL,
      said_at  timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (context, app)
    );
  `,
}];
