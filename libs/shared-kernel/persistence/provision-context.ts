import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import { logger } from '../observability/index.js';
import { ensureRole } from './context-role.js';
import { type Migration, checkMigrations, migrate } from './migrate.js';
import { translate } from './translate.js';

const NAME = /^[a-z][a-z0-9_-]{0,40}$/;
/** How often a process that waits for another one's provisioning looks whether it is done, in milliseconds. */
const LOOK_AGAIN_MS = 50;
const log = logger('persistence');

export interface ContextProvision {
  /** A role that may create roles, and schemas in this database; its password is the source of the contexts' passwords. */
  readonly adminUrl: string;
  /** The context: its schema has this name, its role is `banyan_<name>`. */
  readonly name: string;
  readonly migrations: readonly Migration[];
  /** Where somebody else than the context itself works with the schema, the name of that role. */
  readonly role?: string;
}

/**
 * Gives a context its schema, its role and its tables, and returns the URL with that role; to be called at every start.
 *
 * One process at a time does this for a context: it holds a session advisory lock on the schema's name in this
 * database, for all of it; the others wait for it and then find everything done. When the process dies its session
 * ends and the lock with it; the migration under way is rolled back, and the next process goes on with that one.
 * @throws MigrationRefused, DatabaseAway, what PostgreSQL says about a migration
 */
export async function provisionContext({ adminUrl, name, migrations, role = `banyan_${name}` }: ContextProvision): Promise<{ url: string }> {
  if (!NAME.test(name) || /^(?:pg_.*|public|information_schema)$/.test(name)) {
    throw new Error(`"${name}" cannot be the name of a context: it names a schema and a role, so it is up to 41 lower-case letters, digits, - and _, starts with a letter, and is none of PostgreSQL's own.`);
  }
  checkMigrations(name, migrations);
  const admin = new Client({ connectionString: adminUrl, application_name: `banyan provision ${name}` });
  admin.on('error', () => undefined); // the statement under way fails with it
  try {
    await admin.connect();
    await admin.query('set statement_timeout = 0; set lock_timeout = 0');
    await lock(admin, name);
    await createSchema(admin, name);
    const url = await ensureRole(admin, adminUrl, { schema: name, role });
    await migrate(admin, { schema: name, role }, migrations);
    return { url };
  } catch (error) {
    throw translate(name, error);
  } finally {
    await admin.end().catch(() => undefined);
  }
}

async function lock(admin: Client, name: string): Promise<void> {
  const key = `hashtextextended('banyan.provision.' || $1, 0)`;
  const { rows } = await admin.query<{ free: boolean }>(`select pg_try_advisory_lock(${key}) as free`, [name]);
  if (rows[0]?.free) return;
  log.info({ context: name }, 'Another process is preparing the schema; waiting for it.');
  // Asked again and again: a statement that waits for the lock has a snapshot, and an index that is made concurrently waits for it in turn.
  for (let isFree = false; !isFree;) {
    await sleep(LOOK_AGAIN_MS);
    isFree = (await admin.query<{ free: boolean }>(`select pg_try_advisory_lock(${key}) as free`, [name])).rows[0]?.free ?? false;
  }
}

/** `if not exists` alone would ask for the right to create even where there is nothing to do. */
async function createSchema(admin: Client, name: string): Promise<void> {
  const { rowCount } = await admin.query('select from pg_namespace where nspname = $1', [name]);
  if (rowCount === 0) await admin.query(`create schema if not exists ${escapeIdentifier(name)}`);
}
