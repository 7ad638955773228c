import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { Database } from '../../persistence/index.js';
import { NO_REDACTING_FUNCTIONS, redactingFunctions } from './redacting-functions.js';
import { plainName } from './redaction.js';
import { TAPING, WRITE_SET } from './tape-store.js';

/** A table whose changes are kept. */
export interface TapedTable {
  readonly name: string;
  readonly key: readonly string[];
  /** All that are stored, in order. */
  readonly columns: readonly string[];
  /** Has it a column that has names within: JSON, or rows? */
  readonly isDeep: boolean;
}

export interface Arming {
  readonly schema: string;
  /** Whose changes they are; it may not know the key. */
  readonly role: string;
  readonly tables: readonly TapedTable[];
  /** Names of columns, and of fields in their JSON, whose values are hashed. */
  readonly personal: readonly string[];
  /** What they are hashed with. */
  readonly key: Buffer;
}

/** Which events of a table are kept. A saga's progress is its executor's; that it was started is the context's. */
const INSERTS_ONLY: readonly string[] = ['saga'];
/** What of them is the context's. */
const SAGA_COLUMNS: readonly string[] = ['name', 'id', 'version', 'state'];

/** Is the column `a` of JSON, of rows, or of a list or domain of those? */
export const HAS_NAMES_WITHIN = `EXISTS (
  WITH RECURSIVE made_of (type) AS (
    SELECT a.atttypid UNION SELECT part FROM made_of JOIN pg_type t ON t.oid = type, unnest(ARRAY[typbasetype, CASE typcategory WHEN 'A' THEN typelem END]) AS part WHERE part <> 0)
  SELECT FROM made_of JOIN pg_type t ON t.oid = type WHERE type IN ('json'::regtype, 'jsonb'::regtype) OR typtype = 'c')`;

const LOCK_TIMEOUT = '3s';

/**
 * Lets triggers keep what changes in these tables. What an input changes that is written down, its transaction takes along
 * at its end; anything else that changes them, from whatever hand, goes onto the tape by itself. When this has ended, no
 * change goes past: making a trigger waits for whoever has changed its table before. One table after the other, each in a
 * transaction of its own: whoever holds locks of several may come into the way of those who serve.
 */
export async function armTriggers(admin: Client, { schema, role, tables, personal, key }: Arming): Promise<void> {
  await patiently(admin, schema, `${redactingFunctions(schema, role, key)} ${functionsOf(schema)} ${turnOf(schema)}`);
  for (const table of tables) await patiently(admin, schema, triggersOf(schema, table, personal));
}

/** Do triggers keep what changes in this context? */
export async function isArmed(database: Database): Promise<boolean> {
  const [found] = await database.query<{ isArmed: boolean }>(`SELECT to_regproc('tape_note') IS NOT NULL AS "isArmed"`);
  return found?.isArmed ?? false;
}

/** Takes the triggers away, with what they made use of. */
export async function disarmTriggers(admin: Client, schema: string): Promise<void> {
  const { rows } = await admin.query<{ drop: string }>(
    `SELECT string_agg(format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass), '; ') AS drop FROM pg_trigger
      WHERE tgfoid IN (to_regproc($1), to_regproc($2)) GROUP BY tgrelid`, ['tape_note', 'tape_turn'].map((it) => `${escapeIdentifier(schema)}.${it}`));
  for (const { drop } of rows) await patiently(admin, schema, drop);
  await patiently(admin, schema, 'DROP FUNCTION IF EXISTS tape_note(); DROP FUNCTION IF EXISTS tape_turn()');
  await patiently(admin, schema, NO_REDACTING_FUNCTIONS);
}

async function patiently(admin: Client, schema: string, statements: string): Promise<void> {
  await admin.query(`BEGIN; SET LOCAL search_path = ${escapeIdentifier(schema)}; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
  try {
    // A shadow and a control begin at the same moment; PostgreSQL refuses two that replace one function.
    await admin.query(`SELECT pg_advisory_xact_lock(hashtextextended('banyan triggers of ' || $1, 0))`, [schema]);
    await admin.query(statements);
    await admin.query('COMMIT');
  } catch (error) {
    await admin.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** The tables of a schema that a context calls its own. @param kernels tables that are not, by name */
export async function tapedTables(admin: Client, schema: string, kernels: ReadonlySet<string>): Promise<TapedTable[]> {
  const { rows } = await admin.query<TapedTable>(
    `SELECT relname AS name,
            ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum) AS columns,
            EXISTS (SELECT FROM pg_attribute a WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND ${HAS_NAMES_WITHIN}) AS "isDeep",
            coalesce((SELECT array_agg(a.attname::text ORDER BY k.ordinal)
               FROM pg_index i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, ordinal), pg_attribute a
              WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = c.oid AND a.attnum = k.attnum), '{}') AS key
       FROM pg_class c WHERE relnamespace = to_regnamespace($1) AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY relname`,
    [escapeIdentifier(schema)],
  );
  return rows.filter(({ name }) => !kernels.has(name) || INSERTS_ONLY.includes(name));
}

/** Whoever changes a row may have any search path. A column may be called `written`, too; `written.*` is the row all the same. */
function functionsOf(schema: string): string {
  return `
    CREATE OR REPLACE FUNCTION tape_note() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
      change text := CASE TG_OP WHEN 'INSERT' THEN 'inserted' WHEN 'UPDATE' THEN 'updated' WHEN 'DELETE' THEN 'deleted' ELSE 'truncated' END;
      noted text;
    BEGIN
      IF TG_LEVEL = 'ROW' THEN
        noted := json_build_object('table', TG_TABLE_NAME, 'change', 'deleted', 'row', CASE WHEN TG_NARGS > 0 THEN ${escapeIdentifier(schema)}.tape_redacted(to_json(OLD), TG_ARGV) ELSE to_json(OLD) END)::text;
      ELSIF TG_OP = 'TRUNCATE' THEN
        noted := json_build_object('table', TG_TABLE_NAME, 'change', change, 'row', '{}'::json)::text;
      ELSIF TG_TABLE_NAME = 'saga' THEN
        SELECT string_agg(json_build_object('table', TG_TABLE_NAME, 'change', change, 'row', (SELECT json_object_agg(name, CASE WHEN name = 'state' AND TG_NARGS > 0 THEN ${escapeIdentifier(schema)}.tape_redacted(value, TG_ARGV) ELSE value END)
          FROM json_each(to_json(written.*)) AS it (name, value) WHERE name IN (${SAGA_COLUMNS.map(escapeLiteral).join(', ')})))::text, ',') INTO noted FROM written;
      ELSIF TG_NARGS = 0 THEN
        SELECT string_agg(json_build_object('table', TG_TABLE_NAME, 'change', change, 'row', to_json(written.*))::text, ',') INTO noted FROM written;
      ELSE
        SELECT string_agg(json_build_object('table', TG_TABLE_NAME, 'change', change, 'row', ${escapeIdentifier(schema)}.tape_redacted(to_json(written.*), TG_ARGV))::text, ',') INTO noted FROM written;
      END IF;
      IF noted IS NULL THEN RETURN NULL; END IF;
      IF current_setting('${TAPING}', true) = 'on' THEN
        PERFORM set_config('${WRITE_SET}', concat_ws(',', nullif(current_setting('${WRITE_SET}', true), ''), noted), true);
      ELSE
        INSERT INTO ${escapeIdentifier(schema)}.tape (kind, entry, rows) VALUES ('unasked', '{}', '[' || noted || ']');
      END IF;
      RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION tape_turn() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF current_setting('${TAPING}', true) IS DISTINCT FROM 'on' THEN
        UPDATE ${escapeIdentifier(schema)}.tape SET position = DEFAULT WHERE position = NEW.position;
      END IF;
      RETURN NULL;
    END $$;`;
}

/**
 * What nobody's input changed goes onto the tape when it is changed, and its transaction may commit long after that: whoever
 * commits in between has not seen it. So it takes its place at its commit; unless an input of ours went on in the same
 * transaction, which then says what came after it.
 */
function turnOf(schema: string): string {
  const tape = `${escapeIdentifier(schema)}.tape`;
  return `DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = ${escapeLiteral(tape)}::regclass AND tgname = 'tape_turned') THEN
        CREATE CONSTRAINT TRIGGER tape_turned AFTER INSERT ON ${tape} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'unasked') EXECUTE FUNCTION tape_turn();
      END IF;
    END $$;`;
}
/** What a trigger is told is what it has to look for; it is told nothing where there is nothing to be found. A row that gets another key is gone under the one before; without any key it is gone as it was. */
function triggersOf(schema: string, { name, key, columns, isDeep }: TapedTable, personal: readonly string[]): string {
  const names = [...new Set(personal.map(plainName))];
  const wanted = isDeep || columns.some((it) => names.includes(plainName(it))) ? names : [];
  const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
  const call = `EXECUTE FUNCTION tape_note(${wanted.map(escapeLiteral).join(', ')})`;
  const inserts = `CREATE OR REPLACE TRIGGER tape_inserted AFTER INSERT ON ${table} REFERENCING NEW TABLE AS written FOR EACH STATEMENT ${call};`;
  if (INSERTS_ONLY.includes(name)) return inserts;
  const isMoved = key.map((it) => `OLD.${escapeIdentifier(it)} IS DISTINCT FROM NEW.${escapeIdentifier(it)}`).join(' OR ') || 'true';
  return `${inserts}
    CREATE OR REPLACE TRIGGER tape_moved AFTER UPDATE ON ${table} FOR EACH ROW WHEN (${isMoved}) ${call};
    CREATE OR REPLACE TRIGGER tape_updated AFTER UPDATE ON ${table} REFERENCING NEW TABLE AS written FOR EACH STATEMENT ${call};
    CREATE OR REPLACE TRIGGER tape_deleted AFTER DELETE ON ${table} REFERENCING OLD TABLE AS written FOR EACH STATEMENT ${call};
    CREATE OR REPLACE TRIGGER tape_truncated AFTER TRUNCATE ON ${table} FOR EACH STATEMENT ${call};`;
}
