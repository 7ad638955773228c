import { Client } from 'pg';
import { defineError } from '../contract/index.js';
import { translate } from './translate.js';

export const DatabaseNotDurable = defineError({
  code: 'database-not-durable', http: 500, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The database confirms commits that a crash would undo. Turn fsync, synchronous_commit and full_page_writes on.',
});

/**
 * Makes sure that what this server confirms stays, for production.
 * @throws DatabaseNotDurable naming every setting that is off; DatabaseAway
 */
export async function assertDurable(url: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'banyan check' });
  client.on('error', () => undefined); // the statement under way fails with it
  try {
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      `SELECT name FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes') AND setting = 'off' ORDER BY name`,
    );
    if (rows.length > 0) {
      const off = rows.map((row) => row.name);
      throw new DatabaseNotDurable(`The database at ${new URL(url).host} has ${off.join(' and ')} off, so a crash loses what it has confirmed. Turn ${off.length > 1 ? 'them' : 'it'} on in postgresql.conf and restart it.`, { off });
    }
  } catch (error) {
    throw translate(new URL(url).host, error);
  } finally {
    await client.end().catch(() => undefined);
  }
}
