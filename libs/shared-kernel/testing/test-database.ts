import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { serverUrl } from './server-url.js';

export interface TestDatabase {
  /** The admin URL of a database that nobody else uses. */
  readonly url: string;
  /** Asks it something as its administrator, who sees every schema. */
  query<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Ends whatever is still connected, and removes it. */
  drop(): Promise<void>;
}

/**
 * Makes a database on the run's PostgreSQL: an empty one, for template0 is what it copies unless told otherwise.
 * @param template has no connections ever, as template0, so that any number of workers can copy it at the same time
 */
export async function testDatabase(template = 'template0'): Promise<TestDatabase> {
  const server = serverUrl();
  if (!server) throw new Error('There is no PostgreSQL for tests: Jest\'s global setup starts one. Run the tests through npm test, or set TEST_DATABASE_URL.');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administrate(server, `create database ${name} template ${template}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    query: (sql, values) => administrate(url.href, sql, values),
    drop: async () => { await administrate(server, `drop database if exists ${name} with (force)`); },
  };
}

async function administrate<Row extends object>(url: string, statement: string, values: unknown[] = []): Promise<Row[]> {
  const client = new Client({ connectionString: url, application_name: 'banyan test' });
  try {
    await client.connect();
    return (await client.query<Row>(statement, values)).rows;
  } finally {
    await client.end();
  }
}
