import type { Client } from 'pg';

/** One row of what PostgreSQL says about itself; the schema, or the role, names the context it is about. */
export interface CatalogRow {
  readonly context: string;
  readonly subject: string;
  readonly detail: string;
}

/** A question to the catalog whose every row is a way through the wall. $1: the contexts, which are the schemas. */
export interface CatalogQuestion {
  readonly rule: string;
  readonly sql: string;
  readonly problem: (row: CatalogRow) => string;
  readonly instead: string;
}

/** Every schema that is not PostgreSQL's own. */
const schemas = `select oid, nspname as name from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'`;
/** The roles of the contexts that there are. */
const roles = `select pg_roles.*, substr(rolname, 8) as context from pg_roles where rolname = any (select 'banyan_' || unnest($1::text[]))`;
/** The schema that an object belongs to; a constraint, trigger, rule or default lies in the schema of its table. */
const schemaOf = (classId: string, objectId: string, part: string): string =>
  `coalesce((pg_identify_object(${classId}, ${objectId}, ${part})).schema, (pg_identify_object_as_address(${classId}, ${objectId}, ${part})).object_names[1])`;

const grantless = 'The kernel grants a role its own schema. Take this right away, and find who gave it.';

export const questions: readonly CatalogQuestion[] = [
  {
    rule: 'schema-without-owner',
    sql: `select name as context, name as subject, 'schema' as detail from (${schemas}) s where name <> 'public' and not name = any ($1)`,
    problem: ({ subject }) => `The schema "${subject}" belongs to no context.`,
    instead: 'Every schema has the name of its context. Delete it, or write the context.',
  },
  {
    rule: 'table-without-owner',
    sql: `select s.name as context, c.relname as subject, s.name as detail from pg_class c join (${schemas}) s on s.oid = c.relnamespace where s.name = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')`,
    problem: ({ subject }) => `"${subject}" lies in the schema public, which belongs to no context.`,
    instead: 'Make it in the schema of its owner: write its name alone in a migration of that context.',
  },
  {
    rule: 'role-too-strong',
    sql: `select r.context, r.rolname as subject, a.name as detail from (${roles}) r,
          lateral (values ('superuser', rolsuper), ('createrole', rolcreaterole), ('createdb', rolcreatedb), ('bypassrls', rolbypassrls), ('replication', rolreplication),
            ('create schemas', has_database_privilege(r.oid, current_database(), 'create'))) a (name, holds) where holds`,
    problem: ({ subject, detail }) => `The role ${subject} may do more than read and write its own tables: ${detail}.`,
    instead: grantless,
  },
  {
    rule: 'role-membership',
    sql: `select r.context, r.rolname as subject, m.roleid::regrole::text as detail from pg_auth_members m join (${roles}) r on r.oid = m.member`,
    problem: ({ subject, detail }) => `The role ${subject} is a member of ${detail} and can do what that one can.`,
    instead: grantless,
  },
  {
    rule: 'foreign-schema-grant',
    sql: `select r.context, s.name as subject, p.privilege as detail from (${roles}) r cross join (${schemas}) s cross join (values ('usage'), ('create')) p (privilege)
          where s.name <> r.context and has_schema_privilege(r.oid, s.oid, p.privilege)`,
    problem: ({ context, subject, detail }) => `The role of ${context} has the right "${detail}" in the schema "${subject}".`,
    instead: grantless,
  },
  {
    rule: 'foreign-table-grant',
    sql: `select r.context, s.name || '.' || c.relname as subject, c.relkind::text as detail from (${roles}) r cross join (${schemas}) s join pg_class c on c.relnamespace = s.oid
          where s.name <> r.context and case when c.relkind = 'S' then has_sequence_privilege(r.oid, c.oid, 'usage, select, update')
            when c.relkind in ('r', 'p', 'v', 'm', 'f') then has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate, references, trigger')
              or has_any_column_privilege(r.oid, c.oid, 'select, insert, update, references')
            else false end`,
    problem: ({ context, subject }) => `The role of ${context} has rights on ${subject}.`,
    instead: grantless,
  },
  {
    // Everybody may execute what nobody has revoked; without the schema that means nothing. A grant by name means something.
    rule: 'foreign-function-grant',
    sql: `select r.context, p.oid::regprocedure::text as subject, s.name as detail from pg_proc p join (${schemas}) s on s.oid = p.pronamespace, lateral aclexplode(p.proacl) g, (${roles}) r
          where g.grantee = r.oid and s.name <> r.context`,
    problem: ({ context, subject }) => `The role of ${context} may execute ${subject}.`,
    instead: grantless,
  },
  {
    rule: 'foreign-future-grant',
    sql: `select r.context, coalesce(s.name, 'every schema') as subject, g.privilege_type as detail from pg_default_acl d left join (${schemas}) s on s.oid = d.defaclnamespace, lateral aclexplode(d.defaclacl) g, (${roles}) r
          where g.grantee = r.oid and s.name is distinct from r.context`,
    problem: ({ context, subject, detail }) => `The role of ${context} will have the right "${detail}" on whatever is made in ${subject} from now on.`,
    instead: grantless,
  },
  {
    // Foreign keys, views, triggers, defaults, inheritance, column types, policies: PostgreSQL records all of them here.
    rule: 'dependency-across-schemas',
    sql: `select distinct here.schema as context, (pg_identify_object(d.refclassid, d.refobjid, 0)).identity as subject, (pg_identify_object(d.classid, d.objid, d.objsubid)).type || ' ' || (pg_identify_object(d.classid, d.objid, d.objsubid)).identity as detail
          from pg_depend d, lateral (select ${schemaOf('d.classid', 'd.objid', 'd.objsubid')}) here (schema), lateral (select ${schemaOf('d.refclassid', 'd.refobjid', 'd.refobjsubid')}) there (schema)
          where d.deptype in ('n', 'a') and not exists (select from pg_class where oid = d.refobjid and d.refclassid = 'pg_class'::regclass and relkind = 'i') and d.objid >= 16384 and d.refobjid >= 16384 and d.refclassid <> 'pg_namespace'::regclass and here.schema <> there.schema and (here.schema = any ($1) or there.schema = any ($1))
            and here.schema !~ '^pg_toast' and there.schema !~ '^pg_toast'`,
    problem: ({ context, subject, detail }) => `In the schema of ${context} the ${detail} depends on ${subject}, which is in another schema.`,
    instead: 'Keep the id as a value. What must hold between contexts is a saga\'s job, not the database\'s.',
  },
  {
    rule: 'function-across-schemas',
    sql: `select s.name as context, p.oid::regprocedure::text as subject, m.found[1] as detail from pg_proc p join (${schemas}) s on s.oid = p.pronamespace
          cross join unnest($1::text[]) o (name), lateral regexp_match(p.prosrc, '\\m' || o.name || '\\s*"?\\s*\\.\\s*"?\\w+', 'i') m (found) where s.name = any ($1) and o.name <> s.name and m.found is not null`,
    problem: ({ context, subject, detail }) => `The function ${subject} of ${context} names ${detail}, in the schema of another context.`,
    instead: 'Ask that context by its contract, from TypeScript.',
  },
  {
    rule: 'function-with-other-rights',
    sql: `select s.name as context, p.oid::regprocedure::text as subject, case when p.prosecdef then 'with the rights of its owner' else 'in ' || l.lanname end as detail
          from pg_proc p join (${schemas}) s on s.oid = p.pronamespace join pg_language l on l.oid = p.prolang where p.prosecdef or not (l.lanpltrusted or l.lanname in ('sql', 'internal'))`,
    problem: ({ context, subject, detail }) => `The function ${subject} of ${context} runs ${detail}, and so past the rights of the context.`,
    instead: 'Let it run with the rights of whoever calls it (security invoker), in SQL or PL/pgSQL.',
  },
  {
    rule: 'foreign-database',
    sql: `select 'public' as context, name as subject, kind as detail from (select srvname, 'server' from pg_foreign_server union all select extname, 'extension' from pg_extension where extname in ('dblink', 'postgres_fdw', 'file_fdw')) f (name, kind)`,
    problem: ({ subject, detail }) => `The database has the ${detail} "${subject}", a way into other databases.`,
    instead: 'Drop it. Contexts meet by contract.',
  },
];

/** Asks one question. */
export async function ask(client: Client, { sql }: CatalogQuestion, contexts: readonly string[]): Promise<CatalogRow[]> {
  const { rows } = await client.query<CatalogRow>(sql.includes('$1') ? { text: sql, values: [contexts] } : sql);
  return rows;
}
