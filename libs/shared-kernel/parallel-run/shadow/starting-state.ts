import type { Keys } from '../../comparison/index.js';
import type { Database } from '../../persistence/index.js';
import type { Image, TapedInput } from '../tape/entry.js';

interface Table {
  readonly name: string;
  readonly key: readonly string[];
  /** Columns of ids. */
  readonly ids: readonly string[];
}

/** A foreign key. */
interface Reference {
  readonly child: string;
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
}

interface Shape {
  /** Those that others refer to come first. */
  readonly tables: readonly Table[];
  readonly references: readonly Reference[];
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
/** Rows of one table that are taken at most. */
const MOST_ROWS = 200;
/** Progress of sagas is nobody's starting state here: their steps bring theirs along. */
const LEFT_OUT = 'saga';

/**
 * Finds the rows that an input can have seen before it began: those that it changed, those that carry an id that is named in
 * it or in what it changed, and those that they refer to. It looks into whole tables and is meant for a few samples.
 */
export class StartingState {
  private shape: Promise<Shape> | undefined;

  /** @param keys of the copy's tables */
  constructor(private readonly database: Database, private readonly keys: Keys) {}

  /** @param rows what the original changed */
  async of(input: TapedInput, rows: readonly Image[]): Promise<Image[]> {
    const { tables, references } = await (this.shape ??= this.readShape());
    const ids = [...new Set(JSON.stringify([input.occasion.given, rows.map((it) => it.row)]).match(ID) ?? [])];
    const found = new Found();
    for (const table of tables) {
      if (table.ids.length > 0 && ids.length > 0) found.add(table, await this.named(table, ids));
      const touched = rows.filter((it) => it.table === table.name).map((it) => it.row);
      if (table.key.length > 0 && touched.length > 0) found.add(table, await this.referred(table.name, table.key, { name: table.name, columns: table.key, rows: touched }));
    }
    for (let before = -1; before !== found.size;) {
      before = found.size;
      for (const { child, columns, parent, parentColumns } of references) {
        const [table, children] = [tables.find((it) => it.name === parent), found.rowsOf(child)];
        if (table && children.length > 0) found.add(table, await this.referred(parent, parentColumns, { name: child, columns, rows: children }));
      }
    }
    return tables.flatMap(({ name }) => found.rowsOf(name).map((row): Image => ({ table: name, change: 'inserted', row })));
  }

  /** Reads through the table: ids stand in columns without an index, too. */
  private async named({ name, ids }: Table, wanted: readonly string[]): Promise<Row[]> {
    const sql = `SELECT to_json(it) AS row FROM ${quoted(name)} AS it WHERE ${ids.map((id) => `${quoted(id)} = ANY ($1::uuid[])`).join(' OR ')} LIMIT ${MOST_ROWS}`;
    return (await this.database.query<{ row: Row }>(sql, [wanted])).map((it) => it.row);
  }

  /** Served by the primary key, or what a foreign key refers to. */
  private async referred(table: string, columns: readonly string[], by: { readonly name: string; readonly columns: readonly string[]; readonly rows: readonly Row[] }): Promise<Row[]> {
    const sql = `SELECT to_json(it) AS row FROM ${quoted(table)} AS it
      WHERE (${columns.map((column) => `it.${quoted(column)}`).join(', ')}) IN (SELECT ${by.columns.map(quoted).join(', ')} FROM json_populate_recordset(NULL::${quoted(by.name)}, $1))`;
    return (await this.database.query<{ row: Row }>(sql, [JSON.stringify(by.rows)])).map((it) => it.row);
  }

  private async readShape(): Promise<Shape> {
    const names = Object.keys(this.keys).filter((name) => name !== LEFT_OUT);
    const columns = await this.database.query<{ table: string; name: string }>(
      `SELECT attrelid::regclass::text AS table, attname AS name FROM pg_attribute WHERE attrelid = ANY ($1::text[]::regclass[]) AND atttypid = 'uuid'::regtype AND NOT attisdropped`, [names.map(quoted)]);
    const references = await this.database.query<Reference>(
      `SELECT c.relname AS child, p.relname AS parent,
              ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS it (attnum, place) JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = it.attnum ORDER BY place) AS columns,
              ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS it (attnum, place) JOIN pg_attribute a ON a.attrelid = p.oid AND a.attnum = it.attnum ORDER BY place) AS "parentColumns"
         FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid
        WHERE k.contype = 'f' AND c.oid = ANY ($1::text[]::regclass[])`, [names.map(quoted)]);
    const tables = names.map((name) => ({ name, key: this.keys[name] ?? [], ids: columns.filter((it) => it.table === name || it.table === quoted(name)).map((it) => it.name) }));
    return { tables: parentsFirst(tables, references), references };
  }
}

type Row = Image['row'];

/** Rows, each once. */
class Found {
  private readonly rows = new Map<string, Map<string, Row>>();
  size = 0;

  add({ name, key }: Table, rows: readonly Row[]): void {
    const known = this.rows.get(name) ?? new Map<string, Row>();
    this.rows.set(name, known);
    this.size -= known.size;
    for (const row of rows) known.set(JSON.stringify(key.length > 0 ? key.map((column) => row[column]) : row), row);
    this.size += known.size;
  }

  rowsOf(name: string): Row[] {
    return [...(this.rows.get(name)?.values() ?? [])];
  }
}

function parentsFirst(tables: readonly Table[], references: readonly Reference[]): Table[] {
  const ordered = new Set<Table>();
  const add = (table: Table, above: readonly Table[]): void => {
    const parents = references.filter((it) => it.child === table.name).map(({ parent }) => tables.find((it) => it.name === parent));
    for (const parent of parents) if (parent && parent !== table && !above.includes(parent)) add(parent, [...above, table]);
    ordered.add(table);
  };
  for (const table of tables) add(table, []);
  return [...ordered];
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
