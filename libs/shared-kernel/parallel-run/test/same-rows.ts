import { Client, escapeIdentifier } from 'pg';
import { kernelTables } from '../../context/index.js';
import { derivedKey } from '../../persistence/index.js';
import type { ShadowUnderTest } from '../../testing/index.js';
import { Redaction } from '../index.js';

/** Kept beside the context's tables, by whoever migrates, records and plays. */
const OURS = new Set([...kernelTables, 'migration', 'tape_key', 'played']);

/** As `shadowUnderTest` hashes what is personal. */
export const redaction = new Redaction(['email', 'name'], derivedKey('postgres://banyan:a-key-for-tests@nowhere', 'tape'));

/** What the original's tables and the copy's hold, as far as both have them: to be compared row by row. */
export async function bothSides({ context, copyUrl }: ShadowUnderTest): Promise<{ readonly original: Record<string, string[]>; readonly copy: Record<string, string[]> }> {
  const [original, copy] = await Promise.all([rowsOf(context.storage.url, 'till'), rowsOf(copyUrl, 'till')]);
  const redacted = (row: string): string => JSON.stringify(redaction.of(JSON.parse(row) as unknown));
  const plain = (tables: Record<string, string[]>, told: (row: string) => string): Record<string, string[]> => Object.fromEntries(Object.entries(tables).map(([name, rows]) => [name, rows.map(told).toSorted()]));
  return { original: plain(original, redacted), copy: plain(copy, (row) => JSON.stringify(JSON.parse(row))) };
}

/** What all tables of a context hold, by name: each row as text, in order. */
async function rowsOf(url: string, schema: string): Promise<Record<string, string[]>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' ORDER BY relname`, [schema]);
    const found: Record<string, string[]> = {};
    for (const { name } of rows.filter((it) => !OURS.has(it.name))) {
      const told = await client.query<{ row: string }>(`SELECT to_jsonb(it)::text AS row FROM ${escapeIdentifier(schema)}.${escapeIdentifier(name)} AS it ORDER BY 1`);
      found[name] = told.rows.map((it) => it.row);
    }
    return found;
  } finally {
    await client.end();
  }
}

/** What the copy answers: the column `row` of each row. */
export async function copied({ copyUrl }: ShadowUnderTest, sql: string): Promise<string[]> {
  const client = new Client({ connectionString: copyUrl });
  await client.connect();
  try {
    return (await client.query<{ row: string }>(sql)).rows.map((it) => it.row);
  } finally {
    await client.end();
  }
}
