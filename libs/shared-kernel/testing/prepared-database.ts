import { createHash } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import { type Migration, provisionContext } from '../persistence/index.js';
import { isOwnServer, serverUrl } from './server-url.js';
import { type TestDatabase, testDatabase } from './test-database.js';

/** A context, as far as its schema goes. */
interface Schema {
  readonly name: string;
  readonly migrations: readonly Migration[];
}

/**
 * Makes a database in which these migrations are applied already: a copy of a template that whoever needs it first makes
 * once for the whole run. Rights that belong to the database are not copied; every start of a context gives them again.
 *
 * Makers keep each other out by an advisory lock. A template is marked as one when it is complete, so that what a killed
 * maker leaves is thrown away, and it takes no connections, for PostgreSQL copies nothing that somebody is connected to.
 * On a server that somebody has named nothing is left behind: there the database is empty.
 */
export async function preparedDatabase(schemas: readonly Schema[]): Promise<TestDatabase> {
  const server = serverUrl();
  if (server === undefined || !isOwnServer()) return testDatabase();
  const name = templateOf(schemas);
  const admin = new Client({ connectionString: server, application_name: 'banyan test' });
  await admin.connect();
  try {
    await admin.query(`SELECT pg_advisory_lock(hashtextextended($1, 0))`, [name]);
    const { rows: [found] } = await admin.query<{ isComplete: boolean }>('SELECT datistemplate AS "isComplete" FROM pg_database WHERE datname = $1', [name]);
    if (!found?.isComplete) await makeTemplate(admin, server, name, schemas);
  } finally {
    await admin.end();
  }
  return testDatabase(name);
}

/** The name of the database that others are copied from. */
export function templateOf(schemas: readonly Schema[]): string {
  return `prepared_${createHash('sha256').update(JSON.stringify(schemas.map((it) => [it.name, it.migrations]))).digest('hex').slice(0, 32)}`;
}

async function makeTemplate(admin: Client, server: string, name: string, schemas: readonly Schema[]): Promise<void> {
  const database = escapeIdentifier(name);
  await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${database} TEMPLATE template0`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  await Promise.all(schemas.map((it) => provisionContext({ adminUrl: url.href, ...it })));
  await admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
  // Backends of closed connections take a moment to end; nobody new can come.
  await admin.query('SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1', [name]);
  await admin.query(`ALTER DATABASE ${database} IS_TEMPLATE true`);
}
