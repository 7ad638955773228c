import type { Migration } from '../persistence/index.js';

/**
 * The tables of the event store, for a context that lists them among its own migrations.
 *
 * The chain of hashes is made by PostgreSQL, because there are several ways in: a stream that is brought over by one
 * set-based statement is chained by the same lines as one event that is appended. And `jsonb` is canonical already: keys
 * have one order and numbers one form, whatever order a program wrote them in.
 */
export const eventStoreMigrations: readonly Migration[] = [{
  name: 'event-store-0001-streams',
  sql: `
    CREATE TABLE stream_event (
      stream         text        NOT NULL,
      id             uuid        NOT NULL,
      version        integer     NOT NULL CHECK (version > 0),
      type           text        NOT NULL,
      schema_version integer     NOT NULL CHECK (schema_version > 0),
      data           jsonb       NOT NULL,
      occurred_at    timestamptz NOT NULL,
      is_imported    boolean     NOT NULL,
      previous_hash  bytea       CHECK ((previous_hash IS NULL) = (version = 1)),
      hash           bytea       NOT NULL,
      PRIMARY KEY (stream, id, version)
    );
    COMMENT ON COLUMN stream_event.is_imported IS 'The fact was known before, from another table of the context.';
    COMMENT ON COLUMN stream_event.previous_hash IS 'The hash of the event before it in its stream.';

    -- For whoever takes back to another table what is known here alone.
    CREATE INDEX stream_event_original ON stream_event (stream, id, version) WHERE NOT is_imported;

    -- Numbers of seconds instead of a text for the instant: the text would follow the session's time zone.
    CREATE FUNCTION stream_event_hash(event stream_event) RETURNS bytea LANGUAGE sql STABLE AS $$
      SELECT sha256(convert_to(jsonb_build_array(
        encode(event.previous_hash, 'hex'), event.stream, event.id, event.version, event.type, event.schema_version,
        event.data, extract(epoch FROM event.occurred_at), event.is_imported)::text, 'UTF8'))
    $$;

    CREATE FUNCTION chain_stream_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- A copy of a row brings its hash along, and the audit looks whether it is right.
      IF NEW.hash IS NOT NULL THEN RETURN NEW; END IF;
      IF NEW.version > 1 THEN
        SELECT hash INTO NEW.previous_hash FROM stream_event
        WHERE stream = NEW.stream AND id = NEW.id AND version = NEW.version - 1; -- stream_event_pkey
        IF NOT FOUND THEN
          RAISE EXCEPTION 'Event % of % % has no predecessor.', NEW.version, NEW.stream, NEW.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
      END IF;
      NEW.hash := stream_event_hash(NEW);
      RETURN NEW;
    END $$;
    CREATE TRIGGER stream_is_chained BEFORE INSERT ON stream_event FOR EACH ROW EXECUTE FUNCTION chain_stream_event();

    CREATE FUNCTION refuse_rewriting_streams() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '"%" is only ever added to: correct a mistake by another event.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER stream_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stream_event
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_streams();

    CREATE TABLE stream_snapshot (
      stream         text        NOT NULL,
      id             uuid        NOT NULL,
      schema_version integer     NOT NULL,
      version        integer     NOT NULL,
      state          jsonb       NOT NULL,
      occurred_at    timestamptz NOT NULL,
      PRIMARY KEY (stream, id, schema_version, version)
    );
    COMMENT ON TABLE stream_snapshot IS 'States that were folded already. Never the truth: all of it may be deleted at any time.';
    COMMENT ON COLUMN stream_snapshot.occurred_at IS 'When the last event happened that is in the state.';
  `,
}];
