import { afterAll, describe, expect, it } from '@jest/globals';
import type { Migration } from '@banyan/kernel/persistence';
import { openHouse } from '../house/index.js';
import { changed, shelf, smallHouse, tearDownHouses } from '../testing/index.js';
import type { Breach } from './breach.js';
import { checkMigrations } from './check.js';
import { readable } from './run-check.js';

afterAll(tearDownHouses);

const initial: Migration = { name: '0001-initial', sql: `
  create type colour as enum ('red');
  create table item (sku text primary key, label text, shade colour default 'red');
  create view seen as select sku from item` };

/** What is wrong with a migration that follows the first one. */
async function breachesOf(migration: Partial<Migration>, files: Readonly<Record<string, string>> = {}): Promise<readonly Breach[]> {
  const migrations = [initial, { name: '0002-planted', sql: '', ...migration }];
  const house = await smallHouse({ files, doors: { shelf: changed(shelf, { migrations }) } });
  return (await checkMigrations(house)).find(({ schema }) => schema === 'shelf')?.breaches ?? [];
}

const rules = async (migration: Partial<Migration>): Promise<string[]> => (await breachesOf(migration)).map(({ rule }) => rule);

/** What breaks the version that runs, by rule. */
const breaking: [string, string, string][] = [
  ['a table that is dropped', 'drop table item', 'object-dropped'],
  ['a view that is dropped', 'drop view if exists seen', 'object-dropped'],
  ['a type that is dropped', 'drop type colour cascade', 'object-dropped'],
  ['an index that is dropped', 'drop index item_pkey', 'object-dropped'],
  ['a column that is dropped', 'alter table item drop column label', 'column-dropped'],
  ['a table that is renamed', 'alter table item rename to article', 'renamed'],
  ['a column that is renamed', 'alter table item rename column label to name', 'renamed'],
  ['a view that is renamed', 'alter view seen rename to looked_at', 'renamed'],
  ['a type that is renamed', 'alter type colour rename to shade', 'renamed'],
  ['a value of a type that is renamed', `alter type colour rename value 'red' to 'scarlet'`, 'renamed'],
  ['a table that moves to another schema', 'alter table item set schema attic', 'renamed'],
  ['a column of another type', 'alter table item alter column label type varchar(9)', 'type-changed'],
  ['a column that may no longer be null', 'alter table item alter column label set not null', 'not-null-set'],
  ['a column that may no longer be null, by a constraint', 'alter table item add constraint there not null label not valid', 'not-null-set'],
  ['a column more that must be filled', 'alter table item add column weight int not null', 'not-null-added'],
  ['a default that is dropped', 'alter table item alter column shade drop default', 'default-dropped'],
  ['a table that is emptied', 'truncate item', 'emptied'],
  ['a right that is taken away', 'revoke insert on item from banyan_shelf', 'right-revoked'],
];

/** What keeps everybody waiting, by rule. */
const blocking: [string, string, string][] = [
  ['a check', 'alter table item add constraint short check (length(sku) < 9)', 'constraint-reads-all'],
  ['a foreign key', 'alter table item add constraint of_other foreign key (label) references item', 'constraint-reads-all'],
  ['a unique key', 'alter table item add constraint one unique (label)', 'constraint-reads-all'],
  ['an exclusion constraint', 'alter table item add constraint other exclude (label with =)', 'constraint-reads-all'],
  ['a column more with a check', 'alter table item add column weight int check (weight > 0)', 'constraint-reads-all'],
  ['a column more with a unique key', 'alter table item add column code text unique', 'constraint-reads-all'],
  ['a column more that is counted up', 'alter table item add column n bigint generated always as identity', 'table-rewritten'],
  ['a column more that is computed', 'alter table item add column n text generated always as (sku || label) stored', 'table-rewritten'],
  ['a column more of type serial', 'alter table item add column n bigserial', 'table-rewritten'],
  ['a column more whose default differs from row to row', 'alter table item add column n float default random()', 'table-rewritten'],
  ['an index', 'create index item_by_label on item (label)', 'index-blocks-writes'],
  ['a constraint that is added and validated at once', 'alter table item add constraint short check (length(sku) < 9) not valid; alter table item validate constraint short', 'validated-at-once'],
];

const unclear: [string, Partial<Migration>, string][] = [
  ['something in a block', { sql: `do $$ begin execute 'drop table ' || 'item'; end $$` }, 'hidden-in-a-block'],
  ['what is no SQL', { sql: 'drop tabel item' }, 'unreadable'],
  ['an index that is made concurrently within a transaction', { sql: 'create index concurrently by_label on item (label)' }, 'index-not-alone'],
  ['an index under another name than it says', { sql: 'create index concurrently by_label on item (label)', index: 'by_name' }, 'index-not-alone'],
  ['an index with something beside it', { sql: 'create index concurrently by_label on item (label); select 1', index: 'by_label' }, 'index-not-alone'],
  ['a contraction that takes nothing away', { sql: 'alter table item add column weight int', contracts: 'since 2.3.0 nobody reads it' }, 'contraction-needless'],
  ['a contraction without a reason', { sql: 'drop view seen', contracts: 'ok' }, 'contraction-unexplained'],
];

describe('a migration that an older version does not know', () => {
  it.each(breaking)('is caught with %s, unless it says since when nobody uses that', async (_what, sql, rule) => {
    const [breach] = await breachesOf({ sql });
    expect(breach).toMatchObject({ schema: 'shelf', migration: '0002-planted', rule, weight: 'breaks', instead: expect.stringMatching(/\S/) });
    expect(await rules({ sql, contracts: 'since 2.3.0, where nobody uses it' })).toEqual([]);
  });

  it.each(blocking)('is caught with %s, whatever it says', async (_what, sql, rule) => {
    expect(await rules({ sql })).toEqual([rule]);
    expect(await rules({ sql: `${sql}; drop view seen`, contracts: 'since 2.3.0, where nobody uses it' })).toEqual([rule]);
  });

  it.each(unclear)('is caught with %s', async (_what, migration, rule) => {
    expect(await rules(migration)).toEqual([rule]);
  });

  it.each([
    ['a table with all that belongs to it', 'create table shelf (id uuid primary key, n int not null check (n > 0)); create index by_n on shelf (n); alter table shelf alter n type bigint, add constraint one unique (n), add m int not null; drop table shelf'],
    ['a table that takes the place of another new one', 'create table a (n int); alter table a rename to b; alter table b drop column n; truncate b'],
    ['a column that may be null', 'alter table item add column weight int'],
    ['a column with a default that is the same for all', `alter table item add column weight int not null default 0, add column at timestamptz default now(), add column more jsonb not null default '{}'::jsonb`],
    ['a column that refers to another table', 'alter table item add column of text references item'],
    ['a constraint for what is written from then on', 'alter table item add constraint short check (length(sku) < 9) not valid, add constraint of_other foreign key (label) references item not valid'],
    ['a constraint in place of another', 'alter table item drop constraint item_check, add constraint item_check check (length(sku) < 20) not valid'],
    ['a constraint that is validated', 'alter table item validate constraint short'],
    ['a key by an index that is there', 'alter table item add constraint one unique using index item_by_label'],
    ['a value more of a type', `alter type colour add value 'blue'`],
    ['settings of a table', 'alter table item set (fillfactor = 80)'],
    ['rights in a block, which name the role of the schema', `do $$ begin execute format('revoke update on item from %I', 'banyan_' || current_schema()); end $$`],
  ])('may bring %s', async (_what, sql) => {
    expect(await rules({ sql })).toEqual([]);
  });

  it('may make an index beside the traffic, and a key of it', async () => {
    expect(await rules({ sql: 'create unique index concurrently by_label on item (label)', index: 'by_label' })).toEqual([]);
  });

  it('is caught where it stands, also behind letters of several bytes', async () => {
    const text = `export const planted = {\n  name: '0002-planted',\n  sql: \`\n    comment on table item is 'Wörter – alle';\n    drop view seen;\n  \`,\n};\n`;
    const breaches = await breachesOf({ sql: `\n    comment on table item is 'Wörter – alle';\n    drop view seen;\n  ` }, { 'libs/contexts/shelf/src/migrations/0002-planted.ts': text });
    expect(breaches).toEqual([expect.objectContaining({ rule: 'object-dropped', what: 'drops the view seen', file: 'libs/contexts/shelf/src/migrations/0002-planted.ts', line: 5 })]);
  });

  it('is caught when it is written down and nobody applies it', async () => {
    const text = `export const stray = { name: '0003-stray', sql: 'drop table item' };\n`;
    expect(await breachesOf({ sql: 'select 1' }, { 'libs/contexts/shelf/src/migrations/0003-stray.ts': text })).toEqual([expect.objectContaining({ rule: 'migration-unlisted', migration: '0003-stray', line: 1 })]);
  });
});

describe('npx banyan migrations check', () => {
  it('finds every migration of this repository safe, and knows those of the kernel, the facade, the event store and parallel runs', async () => {
    const reports = await checkMigrations(await openHouse());
    expect(reports.flatMap(({ breaches }) => breaches)).toEqual([]);
    expect(reports.map(({ schema }) => schema)).toEqual(['kernel', 'facade', 'event-store', 'parallel_run', 'catalog', 'identity', 'inventory', 'notifications', 'ordering', 'payments', 'reporting', 'shipping']);
    expect(reports[0]?.contractions).toEqual([expect.objectContaining({ migration: 'messaging-0003-log' })]);
    expect(readable(reports)).toMatch(/^\d+ migrations: a version that runs goes on while any of them is applied\.$/m);
  });

  it('says what is wrong, where, and what to do instead', async () => {
    const house = await smallHouse({ doors: { shelf: changed(shelf, { migrations: [initial, { name: '0002-planted', sql: 'drop table item' }] }) } });
    const text = readable((await checkMigrations(house)).filter(({ schema }) => schema === 'shelf'));
    expect(text).toContain('✖ shelf  2 migrations\n\nlibs/contexts/shelf  object-dropped\n    0002-planted drops the table item.\n    → Leave it, and let the new version stop using it.');
    expect(text).toContain('1 statement would break or block the version that runs.');
  });

  it('does not pass over a context whose declaration cannot be read', async () => {
    await expect(checkMigrations(await smallHouse({ doors: { till: {} } }))).rejects.toThrow('The migrations in libs/contexts/till cannot be read');
  });
});
