import type { Migration } from '../persistence/index.js';

/** What is remembered for read models that are made anew from the event stream; see `Rebuild` and `Bypass`. */
export const rebuildMigrations: Migration[] = [{ name: 'messaging-0004-rebuild', sql: `
  CREATE TABLE rebuild (
    single          boolean     PRIMARY KEY DEFAULT true CHECK (single),
    token           uuid        NOT NULL,
    accepts_partial boolean     NOT NULL,
    begun_at        timestamptz NOT NULL DEFAULT clock_timestamp()
  );
  CREATE TABLE history_bypass (
    single boolean     PRIMARY KEY DEFAULT true CHECK (single),
    at     timestamptz NOT NULL
  );
  COMMENT ON TABLE rebuild IS 'One row while a process rebuilds the read model; its token is the fence.';
  COMMENT ON TABLE history_bypass IS 'When the context''s events last went past the event stream: within the process.';
` }];
