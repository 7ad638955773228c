import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { preparedDatabase, templateOf } from './prepared-database.js';
import { isOwnServer } from './server-url.js';
import type { TestDatabase } from './test-database.js';

/** Unlike any that was applied before. */
const newSchemas = () => [{ name: 'notes', migrations: [{ name: '0001-initial', sql: `CREATE TABLE note (id int); COMMENT ON TABLE note IS '${randomUUID()}'` }] }];

const made: TestDatabase[] = [];
afterEach(async () => { await Promise.all(made.splice(0).map((it) => it.drop())); });

async function prepared(schemas: ReturnType<typeof newSchemas>): Promise<TestDatabase> {
  const database = await preparedDatabase(schemas);
  made.push(database);
  return database;
}

/** On a server that somebody has named nothing is prepared. */
const tables = isOwnServer() ? [{ schemaname: 'notes', tablename: 'migration' }, { schemaname: 'notes', tablename: 'note' }] : [];
const tablesOf = ({ query }: TestDatabase) => query(`SELECT schemaname, tablename FROM pg_tables WHERE schemaname = 'notes' ORDER BY tablename`);

describe('a prepared database', () => {
  it('has its migrations applied, and is the asker\'s alone', async () => {
    const schemas = newSchemas();
    const [first, second] = [await prepared(schemas), await prepared(schemas)];
    await first.query('DROP SCHEMA IF EXISTS notes CASCADE');
    expect(await tablesOf(second)).toEqual(tables);
  });

  it('is there for all who ask at the same time, one of whom makes what they copy', async () => {
    const schemas = newSchemas();
    for (const copy of await Promise.all([prepared(schemas), prepared(schemas), prepared(schemas)])) expect(await tablesOf(copy)).toEqual(tables);
  });

  it('is no copy of what a maker left that was killed', async () => {
    const schemas = newSchemas();
    const first = await prepared(schemas);
    const template = templateOf(schemas);
    const look = () => first.query<{ oid: number; isComplete: boolean }>('SELECT oid, datistemplate AS "isComplete" FROM pg_database WHERE datname = $1', [template]);
    const [before] = await look();
    // The last thing that its maker would have done.
    if (before) await first.query(`ALTER DATABASE ${template} IS_TEMPLATE false`);
    expect(await tablesOf(await prepared(schemas))).toEqual(tables);
    const [after] = await look();
    expect([after?.isComplete, after?.oid === before?.oid]).toEqual(isOwnServer() ? [true, false] : [undefined, true]);
  });
});
