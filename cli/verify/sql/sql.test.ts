import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ContextDeclaration } from '@banyan/kernel/context';
import { type TestDatabase, testDatabase } from '@banyan/kernel/testing';
import { Client } from 'pg';
import { type House, declarationsOf } from '../../house/index.js';
import { changed, shelf, smallHouse, tearDownHouses, till } from '../../testing/index.js';
import { SchemaSource, makeSchemas } from './database.js';
import { schemaInputs } from './schemas.js';
import { schemasWall, statementsWall } from './wall.js';

afterAll(tearDownHouses);

describe('the sql wall, in the sources', () => {
  const FILE = 'libs/contexts/till/src/sneak.ts';

  async function found(source: string): Promise<string[]> {
    const { violations } = statementsWall(await smallHouse({ files: { [FILE]: `\nexport const sql = ${source};\n` } }));
    return violations.map(({ rule, subject, line }) => `${rule} ${subject} in line ${line}`);
  }

  it('stands around a house that keeps the rules', async () => {
    expect(statementsWall(await smallHouse()).violations).toEqual([]);
  });

  it.each([
    ['`SELECT sku FROM shelf.item`', 'foreign-schema shelf.item'],
    ['`SELECT r.id\nFROM receipt r\nJOIN "shelf" . "item" i USING (sku)`', 'foreign-schema shelf.item', 4],
    ['`INSERT INTO SHELF.item VALUES ($1)`', 'foreign-schema SHELF.item'],
    [`'shelf.item'`, 'foreign-schema shelf.item'],
    ['`SELECT sku FROM ${schema}.item`', 'qualified-name ${…}.item'],
    ['`SELECT sku FROM public.item`', 'qualified-name public.item'],
    [`'SET LOCAL search_path = shelf'`, 'more-than-its-own search_path'],
    [`"SELECT set_config('search_path', 'shelf', true)"`, 'more-than-its-own search_path'],
    [`'SET ROLE banyan_shelf'`, 'more-than-its-own set role'],
    [`'set session authorization banyan_shelf'`, 'more-than-its-own set session authorization'],
    [`"SELECT * FROM dblink('dbname=shop', 'select 1') AS t (n int)"`, 'more-than-its-own dblink'],
    [`'CREATE EXTENSION pgcrypto'`, 'more-than-its-own create extension'],
    [`'CREATE SCHEMA other'`, 'more-than-its-own create schema'],
    [`'GRANT SELECT ON receipt TO PUBLIC'`, 'more-than-its-own grant select'],
    [`'ALTER TABLE receipt OWNER TO banyan_till'`, 'more-than-its-own owner to'],
    ['`CREATE FUNCTION f() RETURNS int LANGUAGE sql SECURITY DEFINER AS $$ SELECT 1 $$`', 'more-than-its-own security definer'],
  ])('catches %s', async (sql, expected, line = 2) => {
    const [first, ...others] = await found(sql);
    expect(first?.startsWith(expected)).toBe(true);
    expect(first?.endsWith(`in line ${line}`)).toBe(true);
    expect(others).toEqual([]);
  });

  it.each([
    ['`SELECT r.sku, shelf_id FROM receipt r -- not shelf.item`'],
    ['`SELECT sku FROM till.receipt`'],
    ['`SELECT 1 FROM pg_catalog.pg_class`'],
    [`'shelf.take-item'`],
    [`'Take it from the shelf. Items are there.'`],
  ])('lets pass %s', async (sql) => {
    expect(await found(sql)).toEqual([]);
  });
});

describe('the sql wall, in PostgreSQL', () => {
  /** Roles belong to the whole server, where other tests have theirs, so the contexts get names of their own. */
  const here = `here_${process.pid}`;
  const there = `there_${process.pid}`;
  let database: TestDatabase;
  let client: Client;
  let house: House;

  const renamed = (declaration: ContextDeclaration, name: string, sql?: string): Record<string, unknown> =>
    changed(declaration, { name, contract: { name, commands: {}, queries: {}, events: {} }, calls: [], listensTo: [], handlers: [], ...(sql && { migrations: [...declaration.migrations, { name: '0002-needy', sql }] }) });

  const folder = (name: string) => ({ [`libs/contexts/${name}/index.ts`]: '', [`libs/contexts/${name}/src/migrations/0001-initial.ts`]: '\nexport const initial = `create table receipt ()`;\n' });

  async function houseOf(sql?: string): Promise<House> {
    const built = await smallHouse({ files: { ...folder(here), ...folder(there) }, doors: { [here]: renamed(till, here, sql), [there]: renamed(shelf, there) } });
    return { ...built, contexts: built.contexts.filter(({ name }) => name === here || name === there) };
  }

  beforeAll(async () => {
    database = await testDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    house = await houseOf();
    await makeSchemas(declarationsOf(house), database.url);
  });
  afterAll(async () => {
    for (const role of [`banyan_${here}`, `banyan_${there}`]) await client.query(`drop owned by ${role} cascade; drop role ${role}`);
    await client.end();
    await database.drop();
  });

  /** Spoils something in a transaction that is rolled back, roles and all, and looks meanwhile. */
  async function spoiled<T>(spoil: string, look: () => Promise<T>): Promise<T> {
    await client.query(`begin; ${spoil}`);
    try {
      return await look();
    } finally {
      await client.query('rollback');
    }
  }

  const broken = (spoil: string): Promise<string[]> => spoiled(spoil, async () => {
    const { violations } = await schemasWall(house, client, []);
    return violations.map(({ rule, subject }) => `${rule} ${subject.replaceAll(here, 'here').replaceAll(there, 'there')}`);
  });

  it('stands around schemas as the kernel makes them', async () => {
    expect(await broken('')).toEqual([]);
  });

  it.each([
    ['a right on a foreign schema', `grant usage on schema ${there} to banyan_${here}`, 'foreign-schema-grant there'],
    ['a right on a foreign table', `grant select on ${there}.item to banyan_${here}`, 'foreign-table-grant there.item'],
    ['a right on one column of a foreign table', `grant update (sku) on ${there}.item to banyan_${here}`, 'foreign-table-grant there.item'],
    ['a right on a foreign sequence', `create sequence ${there}.s; grant usage on sequence ${there}.s to banyan_${here}`, 'foreign-table-grant there.s'],
    ['a right on a foreign function', `create function ${there}.f() returns int language sql as 'select 1'; grant execute on function ${there}.f() to banyan_${here}`, 'foreign-function-grant there.f()'],
    ['a right on foreign tables to come', `alter default privileges in schema ${there} grant select on tables to banyan_${here}`, 'foreign-future-grant there'],
    ['a foreign table that is given to everybody', `grant select on ${there}.item to public`, 'foreign-table-grant there.item'],
    ['a foreign table that belongs to the role', `alter table ${there}.item owner to banyan_${here}`, 'foreign-table-grant there.item'],
    ['a foreign key', `alter table ${here}.receipt add constraint k foreign key (sku) references ${there}.item`, 'dependency-across-schemas there.item'],
    ['a view', `create view ${here}.seen as select sku from ${there}.item`, 'dependency-across-schemas there.item'],
    ['a trigger', `create function ${there}.f() returns trigger language plpgsql as 'begin return null; end'; create trigger t after insert on ${here}.receipt execute function ${there}.f()`, 'dependency-across-schemas there.f()'],
    ['a default from a foreign sequence', `create sequence ${there}.s; alter table ${here}.receipt add n bigint default nextval('${there}.s')`, 'dependency-across-schemas there.s'],
    ['a column of a foreign type', `create type ${there}.colour as enum ('red'); alter table ${here}.receipt add colour ${there}.colour`, 'dependency-across-schemas there.colour'],
    ['a table that inherits', `create table ${here}.heir () inherits (${there}.item)`, 'dependency-across-schemas there.item'],
    ['a function that names a foreign table', `create function ${here}.f() returns void language plpgsql as 'begin delete from ${there}.item; end'`, 'function-across-schemas here.f()'],
    ['a function with its owner\'s rights', `create function ${here}.f() returns int language sql security definer as 'select 1'`, 'function-with-other-rights here.f()'],
    ['a table that no migration makes', `create table ${here}.stray ()`, 'table-without-owner stray'],
    ['a view that no migration makes', `create view ${here}.seen as select id from ${here}.receipt`, 'table-without-owner seen'],
  ])('catches %s', async (_what, spoil, expected) => {
    expect(await broken(spoil)).toContain(expected);
  });

  it('tells a foreign key once, however many columns it has', async () => {
    const spoil = `alter table ${there}.item add n int default 0, add unique (sku, n); alter table ${here}.receipt add n int, add foreign key (sku, n) references ${there}.item (sku, n)`;
    expect(await broken(spoil)).toEqual(['dependency-across-schemas there.item']);
  });

  it.each([
    ['a schema without a context', 'create schema attic', 'schema-without-owner attic'],
    ['a table outside of every context', 'create table public.stray ()', 'table-without-owner stray'],
    ['a way into other databases', 'create extension postgres_fdw', 'foreign-database postgres_fdw'],
    ['a role that is another one', `grant banyan_${there} to banyan_${here}`, 'role-membership banyan_here'],
    ['a role that may make roles', `alter role banyan_${here} createrole`, 'role-too-strong banyan_here'],
    ['a role that may do anything', `alter role banyan_${here} superuser`, 'role-too-strong banyan_here'],
    ['a database without one of the schemas', `drop schema ${here} cascade`, 'schema-missing here'],
  ])('catches %s', async (_what, spoil, expected) => {
    expect(await broken(spoil)).toContain(expected);
  });

  it('catches a migration that needs another context, and names the context', async () => {
    const needy = await houseOf(`create table bill (sku text references ${there}_too.item)`);
    const failed = await makeSchemas(declarationsOf(needy), database.url);
    expect(failed).toEqual([{ context: here, reason: expect.stringContaining('does not exist') }]);
    expect((await schemasWall(needy, client, failed)).violations).toContainEqual(expect.objectContaining({ rule: 'migrations-fail', subject: here }));
  });

  it('leaves partitions to the table that they are a part of', async () => {
    expect(await broken(`drop table ${here}.receipt; create table ${here}.receipt (id uuid) partition by hash (id);
      create table ${here}.receipt_0 partition of ${here}.receipt for values with (modulus 1, remainder 0)`)).toEqual([]);
  });

  it('changes nothing in the database it looks at', async () => {
    const source = SchemaSource.running(database.url);
    await expect(source.look([], (view) => view.client.query('create table public.footprint ()'))).rejects.toThrow('read-only');
  });

  it('catches time, ids and chance that PostgreSQL makes up, but not in the kernel\'s tables', async () => {
    const spoil = `alter table ${here}.receipt alter id set default gen_random_uuid(), add number bigint generated always as identity, add at timestamptz default now(), add units int default 0;
      create function ${here}.stamp() returns timestamptz language sql as 'select clock_timestamp()'`;
    const { violations } = await spoiled(spoil, () => schemaInputs(house, client));
    expect(violations.map(({ rule, subject }) => `${rule} ${subject}`).sort()).toEqual([
      'hidden-ids gen_random_uuid()', 'hidden-ids generated always as identity', 'hidden-time clock_timestamp()', 'hidden-time now()',
    ]);
    expect(violations[0]?.problem).toMatch(new RegExp(`^${here} \\(`));
  });
});
