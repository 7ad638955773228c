import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { kernelMigrations, kernelTables } from '../../context/index.js';
import { type EmbeddedDatabase, provisionContext, startEmbeddedDatabase } from '../../persistence/index.js';
import { type TestDatabase, scratchFolder, testDatabase } from '../../testing/index.js';
import { dropCopy, makeCopy } from '../index.js';

const migrations = [...kernelMigrations, { name: '0001-initial', sql: 'CREATE TABLE page (id integer PRIMARY KEY, text text)' }];

/** A server of its own takes the load of a shadow off the one of the context. */
describe('a copy on another server', () => {
  let folder: string;
  let source: TestDatabase;
  let elsewhere: EmbeddedDatabase;
  beforeAll(async () => {
    folder = await mkdtemp(join(scratchFolder(), 'banyan-copy-'));
    await chmod(folder, 0o755); // PostgreSQL runs as somebody else where we are root
    [source, elsewhere] = await Promise.all([testDatabase(), startEmbeddedDatabase({ dataDir: folder, durable: false })]);
    await provisionContext({ adminUrl: source.url, name: 'diary', migrations });
    await source.query(`INSERT INTO diary.page SELECT n, 'page ' || n FROM generate_series(1, 1000) AS n`);
  }, 60_000);
  afterAll(async () => {
    await elsewhere.stop();
    await source.drop();
    await rm(folder, { recursive: true });
  });

  async function ask(url: string, sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }

  it('has the rows of the original, though the role of the context does not live there, and leaves nothing behind', async () => {
    const plan = { context: 'diary', sourceUrl: source.url, targetUrl: elsewhere.url, purpose: 'shadow' as const, migrations, kernelTables, personal: [], key: Buffer.alloc(32) };
    const { url } = await makeCopy(plan);
    expect(await ask(url, `SELECT count(*)::int AS n, min(text) AS text FROM diary.page`)).toEqual([{ n: 1000, text: 'page 1' }]);
    expect((await makeCopy(plan)).url).toBe(url);
    await dropCopy(plan);
    expect(await ask(elsewhere.url, `SELECT rolname FROM pg_roles WHERE rolname = 'banyan_diary'`)).toEqual([]);
    expect(await ask(elsewhere.url, `SELECT datname FROM pg_database WHERE datname LIKE '%shadow_diary'`)).toEqual([]);
  }, 60_000);
});
