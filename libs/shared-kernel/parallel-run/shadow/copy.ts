import { pipeline } from 'node:stream/promises';
import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { logger } from '../../observability/index.js';
import { type Migration, provisionContext } from '../../persistence/index.js';
import { withAdmin } from '../tape/admin.js';
import { HAS_NAMES_WITHIN, type TapedTable, armTriggers, tapedTables } from '../tape/triggers.js';
import { type CopiedColumn, readForCopy } from './copied-columns.js';
import { COPY_FUNCTIONS } from './copy-functions.js';

const log = logger('parallel-run');

/** Tables of the kernel that what a context does depends on: what was asked before, and which sagas there are. */
const REMEMBERED: readonly string[] = ['command_log', 'idempotency_key', 'saga', 'saga_step'];
/** What the copy and the tape need beside the kernel's tables. */
const OURS: readonly string[] = ['migration', 'tape_key', 'played'];

/** Which context is copied, and where to. */
export interface CopyPlan {
  readonly context: string;
  /** An administrator's URL of the database that the context works on. */
  readonly sourceUrl: string;
  /** An administrator's URL of a server for the copy; the database in it is never touched. */
  readonly targetUrl: string;
  /** In the name of the copy's database and role: several may look at one context. */
  readonly purpose: 'shadow' | 'control';
  /** All of the version that works on the copy, the kernel's first. */
  readonly migrations: readonly Migration[];
  /** Names of the kernel's own tables. */
  readonly kernelTables: ReadonlySet<string>;
  readonly personal: readonly string[];
  /** What personal values are hashed with. */
  readonly key: Buffer;
}

/** A copy that somebody can work on. */
export interface Copy {
  /** With the one role that may work on it, and may do nothing anywhere else. */
  readonly url: string;
  /** The pg_snapshot of the source that it shows. */
  readonly snapshot: string;
  /** The keys of its tables. */
  readonly keys: Readonly<Record<string, readonly string[]>>;
}

/**
 * Makes a disposable copy of a context's schema in a database of its own, as one snapshot of the source shows it. Before
 * that, triggers on the source see to it that from the snapshot on no change goes past the tape. Migrations that the
 * source does not have yet are applied to the copy with the rows in it, as they will be to the source one day.
 * @throws what PostgreSQL says; a copy of an earlier run is replaced
 */
export async function makeCopy(plan: CopyPlan): Promise<Copy> {
  const { context, sourceUrl, migrations, kernelTables, personal, key } = plan;
  const adminUrl = copyUrlOf(plan);
  const kernels = new Set([...kernelTables, ...OURS]);
  return withAdmin(sourceUrl, async (source) => {
    const tables = await tapedTables(source, context, kernels);
    await armTriggers(source, { schema: context, role: `banyan_${context}`, tables, personal, key });
    await createDatabase(plan);
    const applied = await appliedAt(source, context);
    const role = roleOf(plan);
    await provisionContext({ adminUrl, name: context, role, migrations: migrations.filter(({ name }) => applied.has(name)) });
    const snapshot = await withAdmin(adminUrl, (target) => copyRows(source, target, plan, [...tables.map(({ name }) => name), ...REMEMBERED]));
    const { url } = await provisionContext({ adminUrl, name: context, role, migrations });
    const own = await withAdmin(adminUrl, (target) => prepare(target, plan, kernels));
    return { url, snapshot, keys: Object.fromEntries(own.map((it) => [it.name, it.key])) };
  });
}

/** Is there a copy, whoever made it? */
export async function hasCopy(plan: Pick<CopyPlan, 'context' | 'targetUrl' | 'purpose' | 'sourceUrl'>): Promise<boolean> {
  return withAdmin(plan.targetUrl, async (admin) => (await admin.query('SELECT FROM pg_database WHERE datname = $1', [databaseOf(plan)])).rowCount === 1);
}

/** Takes the copy away. */
export async function dropCopy(plan: Pick<CopyPlan, 'context' | 'targetUrl' | 'purpose' | 'sourceUrl'>): Promise<void> {
  await withAdmin(plan.targetUrl, async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(databaseOf(plan))} WITH (FORCE)`);
    await admin.query(ifStandIn(plan, 'DROP ROLE %I'));
  });
}

function databaseOf({ sourceUrl, context, purpose }: Pick<CopyPlan, 'sourceUrl' | 'context' | 'purpose'>): string {
  return `${decodeURIComponent(new URL(sourceUrl).pathname.slice(1))}_${purpose}_${context}`.slice(-63);
}

function copyUrlOf(plan: CopyPlan): string {
  const url = new URL(plan.targetUrl);
  url.pathname = `/${databaseOf(plan)}`;
  return url.href;
}

/** Roles belong to the whole server, so the database is in the name, too. */
function roleOf(plan: CopyPlan): string {
  return `banyan_${databaseOf(plan)}`.slice(-63);
}

async function createDatabase(plan: CopyPlan): Promise<void> {
  await dropCopy(plan);
  await withAdmin(plan.targetUrl, async (admin) => {
    await admin.query(`CREATE DATABASE ${escapeIdentifier(databaseOf(plan))} TEMPLATE template0`);
    await admin.query(`DO $$ BEGIN CREATE ROLE ${escapeIdentifier(`banyan_${plan.context}`)} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$`);
  });
}

/** Migrations name the context's own role. On a server where it does not live, one stands in that nobody can sign in as. */
function ifStandIn({ context }: Pick<CopyPlan, 'context'>, command: string): string {
  return `DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = ${escapeLiteral(`banyan_${context}`)} AND NOT rolcanlogin) THEN EXECUTE format(${escapeLiteral(command)}, ${escapeLiteral(`banyan_${context}`)}); END IF;
  EXCEPTION WHEN dependent_objects_still_exist THEN NULL; -- another copy on that server needs it
  END $$`;
}

async function appliedAt(source: Client, schema: string): Promise<ReadonlySet<string>> {
  const { rows } = await source.query<{ name: string }>(`SELECT name FROM ${escapeIdentifier(schema)}.migration`);
  return new Set(rows.map((it) => it.name));
}

/** @returns the snapshot that the rows are of */
async function copyRows(source: Client, target: Client, { context, personal, key }: CopyPlan, tables: readonly string[]): Promise<string> {
  await source.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const { rows: [moment] } = await source.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
    const ordered = await inOrderOfReferences(target, context, [...new Set(tables)]);
    const places = ordered.map((it) => `${escapeIdentifier(context)}.${escapeIdentifier(it)}`);
    // Rows come as they are: what the context's own triggers make of them, or refuse, has been done.
    await target.query(places.map((it) => `ALTER TABLE ${it} DISABLE TRIGGER USER`).join('; '));
    // Migrations may have put rows in, which the source has too, or has no more.
    await target.query(`TRUNCATE ${places.join(', ')} CASCADE`);
    for (const table of ordered) await copyTable(source, target, { context, table, personal, key });
    await target.query(places.map((it) => `ALTER TABLE ${it} ENABLE TRIGGER USER`).join('; '));
    return moment?.snapshot ?? '';
  } finally {
    await source.query('ROLLBACK');
  }
}

async function copyTable(source: Client, target: Client, { context, table, personal, key }: { context: string; table: string; personal: readonly string[]; key: Buffer }): Promise<void> {
  const schema = escapeIdentifier(context);
  const place = `${schema}.${escapeIdentifier(table)}`;
  const { rows } = await target.query<CopiedColumn>(
    `SELECT attname AS name, atttypid IN ('json'::regtype, 'jsonb'::regtype) AS "isJson", ${HAS_NAMES_WITHIN} AS "isDeep", typcategory = 'A' AS "isList" FROM pg_attribute a JOIN pg_type ON pg_type.oid = atttypid
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum`, [place]);
  const read = readForCopy({ schema, table, columns: rows, personal, key });
  const columns = rows.map(({ name }) => escapeIdentifier(name)).join(', ');
  await pipeline(source.query(copyTo(`COPY (SELECT ${read.join(', ')} FROM ${place}) TO STDOUT`)), target.query(copyFrom(`COPY ${place} (${columns}) FROM STDIN`)));
}

/** A table that others refer to comes before them. */
async function inOrderOfReferences(target: Client, schema: string, tables: readonly string[]): Promise<string[]> {
  const { rows } = await target.query<{ child: string; parent: string }>(
    `SELECT c.relname AS child, p.relname AS parent FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
      WHERE k.contype = 'f' AND k.connamespace = to_regnamespace($1) AND k.conrelid <> k.confrelid`, [escapeIdentifier(schema)]);
  const ordered = new Set<string>();
  const add = (table: string, above: readonly string[]): void => {
    if (above.includes(table)) throw new Error(`The tables ${[...above, table].join(' → ')} refer to each other in a circle; they cannot be copied one after the other.`);
    for (const { parent } of rows.filter((it) => it.child === table && tables.includes(it.parent))) add(parent, [...above, table]);
    ordered.add(table);
  };
  for (const table of tables) add(table, []);
  return [...ordered];
}

/** What the player needs: the same triggers as on the source, and a way to put rows right. */
async function prepare(target: Client, plan: CopyPlan, kernels: ReadonlySet<string>): Promise<TapedTable[]> {
  const { context, personal, key } = plan;
  const role = roleOf(plan);
  await target.query(`SET search_path = ${escapeIdentifier(context)}; ${COPY_FUNCTIONS}`);
  // It can be made again from the source at any time.
  await target.query(`ALTER ROLE ${escapeIdentifier(role)} IN DATABASE ${escapeIdentifier(databaseOf(plan))} SET synchronous_commit = off; REVOKE ALL ON FUNCTION apply_images(json) FROM PUBLIC; GRANT EXECUTE ON FUNCTION apply_images(json) TO ${escapeIdentifier(role)}`);
  const tables = await tapedTables(target, context, kernels);
  // What the replay writes is redacted already, where it was on the tape.
  await armTriggers(target, { schema: context, role, tables, personal: [], key });
  await target.query(`ANALYZE`);
  log.info({ context, tables: tables.length, personal: personal.length }, 'A copy of the context is ready.');
  return tables;
}
