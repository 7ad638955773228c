import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, Node } from 'libpg-query';
import { type Danger, blocks, breaks } from './breach.js';

/** Steps of one ALTER TABLE on a table that was there before. @param fresh constraints that this migration adds */
export function dangersOfAltering({ relation, cmds = [] }: AlterTableStmt, fresh: ReadonlySet<string>): Danger[] {
  const table = relation?.relname ?? '';
  return cmds.flatMap((node) => ('AlterTableCmd' in node ? dangersOf(table, node.AlterTableCmd, fresh) : []));
}

function dangersOf(table: string, { subtype, name = '', def }: AlterTableCmd, fresh: ReadonlySet<string>): Danger[] {
  const column = `the column ${name} of ${table}`;
  switch (subtype) {
    case 'AT_DropColumn':
      return [breaks('column-dropped', `drops ${column}`, 'Leave it, and let the new version stop using it. When no version that uses it runs any more, drop it in a migration that says so: contracts: \'…\'.')];
    case 'AT_AlterColumnType':
      return [breaks('type-changed', `changes the type of ${column}, which the version that runs reads and writes as it was, and rewrites the table`, 'Add a column of the new type, write both, fill the old rows in small steps, read the new one; drop the old one when nobody uses it.')];
    case 'AT_SetNotNull':
      return [notNull(column)];
    case 'AT_ColumnDefault':
      return def ? [] : [breaks('default-dropped', `drops the default of ${column}, which the version that runs may leave out when it inserts`, 'Leave the default until no version that relies on it runs any more, then drop it in a migration that says so: contracts: \'…\'.')];
    case 'AT_AddColumn':
      return def && 'ColumnDef' in def ? dangersOfColumn(table, def.ColumnDef) : [];
    case 'AT_AddConstraint':
      return def && 'Constraint' in def ? dangersOfConstraint(table, def.Constraint) : [];
    case 'AT_ValidateConstraint':
      return fresh.has(name) ? [blocks('validated-at-once', `adds the constraint ${name} of ${table} and validates it in the same transaction, so that the lock of the first is held while all rows are read`, 'Validate it in the next migration: that lets others read and write meanwhile.')] : [];
    default:
      return [];
  }
}

function notNull(column: string): Danger {
  return breaks('not-null-set', `forbids null in ${column}, which the version that runs may write, and reads the whole table meanwhile`,
    'Let the new version always write it. When that one runs alone: add check (… is not null) not valid, validate it in the next migration, and set not null in a third one that says contracts: \'…\'; PostgreSQL then believes the check and reads nothing.');
}

function dangersOfColumn(table: string, { colname = '', constraints = [], typeName }: ColumnDef): Danger[] {
  const parts = constraints.flatMap((it) => ('Constraint' in it ? [it.Constraint] : []));
  const has = (kind: Constraint['contype']): boolean => parts.some(({ contype }) => contype === kind);
  const column = `the column ${colname}`;
  const type = typeName?.names?.map((it) => ('String' in it ? it.String.sval ?? '' : '')).at(-1) ?? '';
  const rewrites = has('CONSTR_IDENTITY') || has('CONSTR_GENERATED') || /serial\d?$/.test(type) || parts.some(({ contype, raw_expr: value }) => contype === 'CONSTR_DEFAULT' && value !== undefined && isVolatile(value));
  return [
    ...(has('CONSTR_NOTNULL') && !has('CONSTR_DEFAULT') && !rewrites ? [breaks('not-null-added', `adds ${column} to ${table} without a default and forbids null in it, so that the version that runs can insert nothing`, 'Let it be null, or give it a default; forbid null later.')] : []),
    ...(rewrites ? [blocks('table-rewritten', `adds ${column} to ${table} with a value of its own in every row, so that the table is rewritten while nobody can use it`, 'Add the column without it, and fill the old rows in small steps.')] : []),
    ...(['CONSTR_CHECK', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY'] as const).filter(has).map((it) => blocks('constraint-reads-all', `adds ${column} to ${table} together with a ${nouns[it]}, for which all rows are read while nobody can use the table`, 'Add the column alone, and the constraint as one of the table: a check not valid, a key by an index that was made concurrently.')),
  ];
}

const nouns: Readonly<Partial<Record<NonNullable<Constraint['contype']>, string>>> = {
  CONSTR_CHECK: 'check', CONSTR_FOREIGN: 'foreign key', CONSTR_UNIQUE: 'unique key', CONSTR_PRIMARY: 'primary key', CONSTR_EXCLUSION: 'exclusion constraint',
};

function dangersOfConstraint(table: string, { contype, conname = '', skip_validation: isNotValid, indexname, keys = [] }: Constraint): Danger[] {
  if (contype === 'CONSTR_NOTNULL') return [notNull(`the column ${keys.map((it) => ('String' in it ? it.String.sval : '')).join()} of ${table}`)];
  const what = `adds the ${contype && nouns[contype]} ${conname} to ${table}, for which all rows are read while nobody can write`.replace('  ', ' ');
  switch (contype) {
    case 'CONSTR_CHECK':
    case 'CONSTR_FOREIGN':
      return isNotValid ? [] : [blocks('constraint-reads-all', what, 'Add it NOT VALID, which holds for what is written from then on; VALIDATE CONSTRAINT in the next migration reads the old rows beside the traffic.')];
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
      return indexname ? [] : [blocks('constraint-reads-all', what, 'Make a unique index first, in a migration with index: \'…\', concurrently; then add the key USING INDEX.')];
    case 'CONSTR_EXCLUSION':
      return [blocks('constraint-reads-all', what, 'There is no way to make it beside the traffic: make a new table with it, write both, and change over.')];
    default:
      return [];
  }
}

/** A default that differs from row to row; one that is the same for all is noted once and rewrites nothing. */
function isVolatile(value: Node): boolean {
  return /"sval":"(?:random|gen_random_\w+|uuidv?\d\w*|uuid_generate_\w+|clock_timestamp|timeofday|nextval)"/.test(JSON.stringify(value));
}
