import type { Client } from 'pg';
import { kernelRelations, ownRelations } from '../../declarations/index.js';
import { type House, declarationsOf } from '../../house/index.js';
import { hiddenInput } from '../determinism/hidden-inputs.js';
import { inSql } from '../determinism/sql-inputs.js';
import type { Finding, Violation } from '../violation.js';
import { ask, questions } from './catalog.js';
import { placeInContext } from './places.js';

/** The schemas as PostgreSQL has them: rights, owners, and what leads from one to another. */
export async function schemaViolations(house: House, client: Client): Promise<Violation[]> {
  const contexts = house.contexts.map(({ name }) => name);
  const violations: Violation[] = [];
  for (const question of questions) {
    const rows = await ask(client, question, contexts);
    violations.push(...rows.map((row): Violation => ({
      wall: 'sql', rule: question.rule, ...placeInContext(house, row.context, row.subject), subject: row.subject, problem: question.problem(row), instead: question.instead,
    })));
  }
  return [...violations, ...await ownerlessTables(house, client), ...await missingSchemas(house, client)];
}

interface Relation {
  readonly schema: string;
  readonly name: string;
}

/** A partition belongs to whoever made the table that it is a part of. */
const RELATIONS = `
  select n.nspname as schema, root.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_class root on root.oid = coalesce(pg_partition_root(c.oid), c.oid) where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') group by 1, 2`;

async function ownerlessTables(house: House, client: Client): Promise<Violation[]> {
  const owned = new Map(declarationsOf(house).map((it) => [it.name, new Set([...ownRelations(it), ...kernelRelations])]));
  const { rows } = await client.query<Relation>({ text: RELATIONS, values: [[...owned.keys()]] });
  return rows.filter(({ schema, name }) => !owned.get(schema)?.has(name)).map(({ schema, name }) => ({
    wall: 'sql', rule: 'table-without-owner', ...placeInContext(house, schema, name), subject: name,
    problem: `The table "${name}" lies in the schema of ${schema}, but no migration of ${schema} or of the kernel says that it makes it.`,
    instead: `Make it by CREATE TABLE ${name} in a migration, or drop it.`,
  }));
}

/** A context without its schema has not been looked at. */
async function missingSchemas(house: House, client: Client): Promise<Violation[]> {
  const { rows } = await client.query<{ name: string }>('select nspname as name from pg_namespace');
  const there = new Set(rows.map(({ name }) => name));
  return declarationsOf(house).filter(({ name }) => !there.has(name)).map(({ name }) => ({
    wall: 'sql', rule: 'schema-missing', ...placeInContext(house, name, name), subject: name,
    problem: `The database has no schema of ${name}, so nobody could look at it.`, instead: 'Let its migrations run through, or give the URL of the database that has it.',
  }));
}

/** Schemas must not take time, ids or chance from PostgreSQL; what the kernel keeps there may. */
export async function schemaInputs(house: House, client: Client): Promise<Finding> {
  const contexts = house.contexts.map(({ name }) => name);
  const [defaults, functions] = await Promise.all([
    client.query<{ context: string; place: string; text: string }>({ text: DEFAULTS, values: [contexts, kernelRelations] }),
    client.query<{ context: string; place: string; text: string }>({ text: FUNCTIONS, values: [contexts] }),
  ]);
  const violations = [...defaults.rows, ...functions.rows].flatMap(({ context, place, text }) =>
    inSql(text, true).map(({ input, subject }) => {
      const { file, line } = placeInContext(house, context, place);
      return { ...hiddenInput(`${context} (${place})`, { path: file }, { input, subject, line: line ?? 1 }), line };
    }));
  return { wall: 'determinism', seen: `${defaults.rows.length} column defaults, ${functions.rows.length} functions`, violations };
}

/** Defaults, and identity columns as the words that make them. */
const DEFAULTS = `
  select n.nspname as context, c.relname || '.' || a.attname as place, coalesce(pg_get_expr(d.adbin, d.adrelid), 'generated always as identity') as text
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where n.nspname = any ($1) and not c.relname = any ($2) and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and (d.oid is not null or a.attidentity <> '')`;

const FUNCTIONS = `select n.nspname as context, p.proname as place, p.prosrc as text from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = any ($1)`;
