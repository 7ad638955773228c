import type { Migration } from '../../persistence/index.js';
import { TAPING } from './tape-store.js';

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
}, {
  name: 'tape-0002-in-turn',
  sql: `
    -- What nobody's input changed goes onto the tape when it is changed, and its transaction may commit long after that:
    -- whoever commits in between has not seen it. So it takes its place at its commit; unless an input of ours went on in
    -- the same transaction, which then says what came after it.
    CREATE FUNCTION take_turn_on_tape() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN
      IF current_setting('${TAPING}', true) IS DISTINCT FROM 'on' THEN UPDATE tape SET position = DEFAULT WHERE position = NEW.position; END IF;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER in_turn AFTER INSERT ON tape DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (NEW.kind = 'unasked') EXECUTE FUNCTION take_turn_on_tape();
  `,
}];
