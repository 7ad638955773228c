import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, escapeIdentifier } from 'pg';
import { logger } from '../observability/index.js';
import type { SchemaUser } from './context-role.js';
import { MigrationRefused } from './errors.js';
import { sqlState } from './translate.js';

const NAME = /^[a-z0-9][a-z0-9-]{0,99}$/;
const LOCK_TIMEOUT = '3s';
const MOST_ATTEMPTS = 5;
const log = logger('persistence');

/** One forward-only step of a schema: `{ name: '0001-initial', sql: 'create table …' }`; names are unqualified, the schema is the search path. */
export interface Migration {
  readonly name: string;
  readonly sql: string;
  /**
   * Where the SQL takes something away that an older version uses, or narrows it: since which version nobody does. That
   * version has to run everywhere before this one is started anywhere; `npx banyan migrations check` asks for it.
   */
  readonly contracts?: string;
  /** Where the SQL is one CREATE INDEX CONCURRENTLY, and nothing else: the name of that index. It runs in no transaction. */
  readonly index?: string;
}

/** @throws MigrationRefused when names are malformed or used twice */
export function checkMigrations(context: string, migrations: readonly Migration[]): void {
  const seen = new Set<string>();
  for (const { name } of migrations) {
    if (!NAME.test(name)) throw refused(context, name, 'its name may only have lower-case letters, digits and hyphens');
    if (seen.has(name)) throw refused(context, name, 'two migrations have this name; rename the one that was never applied');
    seen.add(name);
  }
}

/**
 * Applies what is missing, in the given order, each migration in a transaction of its own together with its row in the
 * table `migration`. To be called by the holder of the context's provisioning lock, on the connection that holds it, so
 * that lock and work end together.
 *
 * Migrations that the database has and the code does not know are left alone: during a rollout the older version starts, too.
 * @throws MigrationRefused when the text of an applied migration has changed
 */
export async function migrate(admin: Client, user: SchemaUser, migrations: readonly Migration[]): Promise<void> {
  const { schema } = user;
  const table = `${escapeIdentifier(schema)}.migration`;
  const applied = await appliedIn(admin, user, table);
  for (const migration of migrations) {
    const known = applied.get(migration.name);
    if (known !== undefined && known !== checksum(migration)) {
      throw refused(schema, migration.name, 'its text differs from the one that was applied. Put the old text back, and make the change in a new migration');
    }
  }
  const missing = migrations.filter(({ name }) => !applied.has(name));
  for (const migration of missing) await applyPatiently(admin, schema, table, migration);
  if (missing.length > 0) log.info({ context: schema, migrations: missing.map(({ name }) => name) }, 'Applied migrations.');
}

async function appliedIn(admin: Client, { role }: SchemaUser, table: string): Promise<Map<string, string>> {
  const { rows: [found] } = await admin.query<{ exists: boolean }>('select to_regclass($1) is not null as exists', [table]);
  if (!found?.exists) {
    // The role of the context may read which migrations were applied, not rewrite it.
    await admin.query(`
      create table ${table} (name text primary key, checksum text not null, applied_at timestamptz not null default clock_timestamp());
      revoke insert, update, delete on ${table} from ${escapeIdentifier(role)}`);
  }
  const { rows } = await admin.query<{ name: string; checksum: string }>(`select name, checksum from ${table}`);
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

/** A migration that waits for a lock makes everybody else wait behind it, so it gives up soon and comes back. */
async function applyPatiently(admin: Client, schema: string, table: string, migration: Migration): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await (migration.index === undefined ? apply(admin, schema, table, migration) : makeIndex(admin, schema, table, migration, migration.index));
    } catch (error) {
      await admin.query('rollback').catch(() => undefined);
      if (sqlState(error) !== '55P03' || attempt === MOST_ATTEMPTS) throw error;
      log.warn({ context: schema, migration: migration.name, attempt }, 'A table that the migration changes is in use; trying again.');
      await sleep(500 * attempt);
    }
  }
}

async function apply(admin: Client, schema: string, table: string, migration: Migration): Promise<void> {
  await admin.query(`begin; set local search_path = ${escapeIdentifier(schema)}; set local lock_timeout = '${LOCK_TIMEOUT}'`);
  await admin.query(migration.sql).catch((error: unknown) => { throw named(error, schema, migration); });
  if (admin.getTransactionStatus() !== 'T') throw refused(schema, migration.name, 'it ended its own transaction. Leave begin, commit and rollback out of it');
  await admin.query(`insert into ${table} (name, checksum) values ($1, $2)`, [migration.name, checksum(migration)]);
  const { command } = await admin.query('commit');
  if (command !== 'COMMIT') throw refused(schema, migration.name, `PostgreSQL answered its commit with ${command}`);
}

/**
 * Makes an index beside the traffic, for which PostgreSQL wants no transaction around it. So a crash or a failure may leave
 * a part of it behind; as long as it is not noted as applied, what is there under its name is such a part, and goes first.
 */
async function makeIndex(admin: Client, schema: string, table: string, migration: Migration, index: string): Promise<void> {
  try {
    await admin.query(`set search_path = ${escapeIdentifier(schema)}`);
    await admin.query(`drop index concurrently if exists ${escapeIdentifier(index)}`);
    await admin.query(migration.sql);
    await admin.query(`insert into ${table} (name, checksum) values ($1, $2)`, [migration.name, checksum(migration)]);
  } catch (error) {
    throw named(error, schema, migration);
  } finally {
    await admin.query('reset search_path').catch(() => undefined);
  }
}

function named(error: unknown, schema: string, { name }: Migration): unknown {
  if (error instanceof Error) error.message = `Migration "${name}" of ${schema}: ${error.message}`;
  return error;
}

/** Of the text with LF line ends, so that a checkout with CRLF is the same. */
function checksum({ sql }: Migration): string {
  return createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex');
}

function refused(context: string, migration: string, reason: string): Error {
  return new MigrationRefused(`The migration "${migration}" of ${context} was refused: ${reason}.`, { context, migration });
}
