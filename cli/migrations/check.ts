import type { Migration } from '@banyan/kernel/persistence';
import { CONTEXTS, type House } from '../house/index.js';
import { type Breach, type Danger, unclear } from './breach.js';
import { type MigrationList, type WrittenMigration, migrationLists, writtenIn } from './listed.js';
import { type JudgedStatement, judged } from './statements.js';

/** The migrations of one schema, with what is wrong with them. */
export interface SchemaReport {
  readonly schema: string;
  readonly migrations: number;
  /** Migrations that take something away and say so. */
  readonly contractions: readonly { readonly migration: string; readonly contracts: string }[];
  readonly breaches: readonly Breach[];
}

/**
 * Judges every migration by what it does to a version that runs and does not know it.
 * @throws Error when the declaration of a context cannot be read: then nobody knows its migrations
 */
export async function checkMigrations(house: House): Promise<SchemaReport[]> {
  const unreadable = house.contexts.filter(({ trouble }) => trouble !== undefined);
  if (unreadable.length > 0) throw new Error(unreadable.map(({ folder, trouble }) => `The migrations in ${folder} cannot be read: ${trouble}`).join('\n'));
  return Promise.all(migrationLists(house).map(reportOn));
}

async function reportOn(list: MigrationList): Promise<SchemaReport> {
  const { schema, migrations } = list;
  const written = writtenIn(list.files);
  const unlisted = written.filter(({ name }) => !migrations.some((it) => it.name === name)).map(({ name, file, start }): Breach => ({
    ...unclear('migration-unlisted', 'is written down and never applied, so nobody judges it', 'Put it among the migrations of its schema, or delete it.'),
    schema, migration: name, file: file.path, line: file.lineOf(start),
  }));
  const breaches = await Promise.all(migrations.map(async (it) => breachesOf(schema, it, written.find(({ name }) => name === it.name))));
  return {
    schema, migrations: migrations.length, breaches: [...breaches.flat(), ...unlisted],
    contractions: migrations.flatMap(({ name, contracts }) => (contracts === undefined ? [] : [{ migration: name, contracts }])),
  };
}

async function breachesOf(schema: string, migration: Migration, written: WrittenMigration | undefined): Promise<Breach[]> {
  const at = (danger: Danger, sql?: string): Breach => ({ ...danger, schema, migration: migration.name, ...placeOf(schema, written, sql) });
  const statements = await judged(migration.sql).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  if (!Array.isArray(statements)) return [at(unclear('unreadable', `is no SQL that PostgreSQL takes (${statements.message})`, 'Correct it.'))];
  const dangers = statements.flatMap(({ sql, dangers: found }) => found.map((danger) => ({ danger, sql })));
  const isDeclared = migration.contracts !== undefined;
  return [
    ...dangers.filter(({ danger }) => !(isDeclared && danger.weight === 'breaks')).map(({ danger, sql }) => at(danger, sql)),
    ...dangersOfDeclaration(migration, dangers.some(({ danger }) => danger.weight === 'breaks'), statements).map((it) => at(it)),
  ];
}

/** A reason that says something. */
const SHORTEST_REASON = 10;

function dangersOfDeclaration({ contracts, index }: Migration, breaksSomething: boolean, statements: readonly JudgedStatement[]): Danger[] {
  const concurrent = statements.filter(({ node }) => ('IndexStmt' in node && node.IndexStmt.concurrent) || ('DropStmt' in node && node.DropStmt.concurrent));
  const [first] = statements;
  const isOneIndex = statements.length === 1 && first && 'IndexStmt' in first.node && first.node.IndexStmt.concurrent && first.node.IndexStmt.idxname === index;
  return [
    ...(contracts !== undefined && !breaksSomething ? [unclear('contraction-needless', 'says in "contracts" that it takes something away, and takes nothing away', 'Leave "contracts" out.')] : []),
    ...(contracts !== undefined && contracts.trim().length < SHORTEST_REASON ? [unclear('contraction-unexplained', 'does not say in "contracts" since which version nobody uses what it takes away', 'Name that version, and how you know.')] : []),
    ...(index !== undefined && !isOneIndex ? [unclear('index-not-alone', `names the index ${index}, and is not the one statement that makes it concurrently`, `Let the migration be CREATE INDEX CONCURRENTLY ${index} … and nothing else; it is applied in no transaction.`)] : []),
    ...(index === undefined && concurrent.length > 0 ? [unclear('index-not-alone', 'does something concurrently, which PostgreSQL refuses within the transaction of a migration', 'Give CREATE INDEX CONCURRENTLY a migration of its own, which names it: index: \'…\'. To drop one, leave "concurrently" out.')] : []),
  ];
}

/** Where the statement stands, if the source has its text as it is; else the migration. */
function placeOf(schema: string, written: WrittenMigration | undefined, sql: string | undefined): Pick<Breach, 'file' | 'line'> {
  if (!written) return { file: `${CONTEXTS}/${schema}` };
  const { file, start } = written;
  const at = sql === undefined ? -1 : file.text.indexOf(sql, start);
  return { file: file.path, line: file.lineOf(at < 0 ? start : at) };
}
