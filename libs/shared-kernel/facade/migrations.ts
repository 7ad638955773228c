import type { Migration } from '../persistence/index.js';

/** The name of the schema and the role that all apps of a house share. */
export const FACADE = 'facade';

/** Where contexts stand, how they came there, and which processes there are. */
export const facadeMigrations: readonly Migration[] = [{
  name: 'facade-0001-stages',
  sql: `
    CREATE TABLE stage (
      context    text        PRIMARY KEY,
      stage      text        NOT NULL CHECK (stage IN ('embedded', 'canary', 'live')),
      percent    integer     NOT NULL CHECK (percent BETWEEN 0 AND 100),
      epoch      bigint      NOT NULL,
      salt       text        NOT NULL,
      changed_at timestamptz NOT NULL DEFAULT now(),
      CHECK ((stage = 'embedded') = (percent = 0) AND (stage = 'live') = (percent = 100))
    );
    -- Who moved which context when and why; rows are only ever added.
    CREATE TABLE journal (
      id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      context      text        NOT NULL,
      epoch        bigint      NOT NULL,
      from_stage   text        NOT NULL,
      from_percent integer     NOT NULL,
      to_stage     text        NOT NULL,
      to_percent   integer     NOT NULL,
      reason       text        NOT NULL,
      actor        text        NOT NULL,
      checks       jsonb       NOT NULL,
      at           timestamptz NOT NULL DEFAULT now(),
      UNIQUE (context, epoch)
    );
    -- Processes of extracted apps, by what they last said.
    CREATE TABLE instance (
      id       uuid        PRIMARY KEY,
      app      text        NOT NULL,
      url      text        NOT NULL,
      contexts text[]      NOT NULL,
      seen_at  timestamptz NOT NULL
    );
    -- What processes sign their calls to each other with.
    CREATE TABLE service_key (
      kid        uuid        PRIMARY KEY,
      service    text        NOT NULL,
      public_jwk jsonb       NOT NULL,
      expires_at timestamptz NOT NULL
    );
  `,
}, {
  name: 'facade-0002-faults',
  sql: `
    -- What operators let go wrong on purpose; each ends by itself, and the rows stay.
    CREATE TABLE fault (
      id              bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      target          text        NOT NULL,
      kind            text        NOT NULL CHECK (kind IN ('delay', 'error', 'drop')),
      delay_ms        integer     NOT NULL CHECK (delay_ms BETWEEN 0 AND 60000),
      percent         real        NOT NULL CHECK (percent > 0 AND percent <= 100),
      side            text        CHECK (side IN ('embedded', 'extracted')),
      reason          text        NOT NULL,
      actor           text        NOT NULL,
      idempotency_key text        NOT NULL UNIQUE,
      at              timestamptz NOT NULL DEFAULT now(),
      ends_at         timestamptz NOT NULL
    );
    CREATE INDEX fault_ends_at ON fault (ends_at);
  `,
}, {
  name: 'facade-0003-shadow',
  sql: `
    ALTER TABLE stage DROP CONSTRAINT stage_stage_check, DROP CONSTRAINT stage_check;
    ALTER TABLE stage ADD CONSTRAINT stage_is_known CHECK (stage IN ('embedded', 'shadow', 'canary', 'live')) NOT VALID;
    ALTER TABLE stage ADD CONSTRAINT percent_fits CHECK ((stage IN ('embedded', 'shadow')) = (percent = 0) AND (stage = 'live') = (percent = 100)) NOT VALID;
  `,
}, {
  name: 'facade-0004-shadow-validated',
  sql: 'ALTER TABLE stage VALIDATE CONSTRAINT stage_is_known, VALIDATE CONSTRAINT percent_fits;',
}];
