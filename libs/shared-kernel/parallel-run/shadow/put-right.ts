import { type ComparisonRules, type Keys, type Outputs, compare, defineComparison } from '../../comparison/index.js';
import type { Database } from '../../persistence/index.js';
import type { Image, TapedInput } from '../tape/entry.js';
import { writtenRows } from '../tape/exact-rows.js';
import { NOTHING, observed } from './outputs.js';
import { rememberedBy } from './remembered.js';

const EXACTLY = defineComparison({});

/**
 * Takes back what the candidate wrote and makes the rows what they are in the original. That it has done the input is not
 * taken back: sent again with the same key, the input is not done a second time on this side alone.
 * @param look done in between, where the rows are what they were before
 */
export async function putRight(database: Database, input: TapedInput, rows: readonly Image[], look: () => Promise<void> = async () => undefined): Promise<void> {
  const by = rememberedBy(input);
  const remembered = by === undefined ? [] : await database.query<{ table: string; row: string }>(
    // By the primary keys of both.
    `SELECT 'command_log' AS table, to_jsonb(it)::text AS row FROM command_log it WHERE command = $1 AND idempotency_key = $2
     UNION ALL SELECT 'idempotency_key', to_jsonb(it)::text FROM idempotency_key it WHERE principal_id = $3 AND key = $2`, [by.operation, by.key, by.principalId]);
  await database.query('ROLLBACK TO SAVEPOINT performed');
  await look();
  if (rows.length > 0) await applyImages(database, rows);
  for (const { table, row } of remembered) await database.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1::jsonb) ON CONFLICT DO NOTHING`, [row]);
}

/**
 * A rule may let the rows differ, but what comes later is held against the original's: so they become those. Columns that
 * only the candidate has keep what it wrote; where its tables are others altogether, a projection compares them, and they stay.
 */
export async function putExact(database: Database, input: TapedInput, rows: { readonly primary: readonly Image[]; readonly candidate: readonly Image[] }, { rules, keys }: { readonly rules: ComparisonRules; readonly keys: Keys }): Promise<void> {
  if (rules.projection !== undefined || Object.keys(rules.fields).length === 0) return;
  const rowsOf = (images: readonly Image[]): Outputs => ({ ...NOTHING, transactions: [observed({ rows: images, events: [] })] });
  const others = compare(rowsOf(rows.primary), rowsOf(rows.candidate), { rules: EXACTLY, keys }).filter((it) => it.kind !== 'schema' || it.primary !== undefined);
  // What has no key cannot be put over what is there.
  const isKeyless = others.length > 0 && rows.primary.some(({ table }) => keys[table]?.length === 0);
  if (isKeyless || others.some((it) => it.kind === 'missing' || it.kind === 'extra')) await putRight(database, input, rows.primary);
  else if (others.length > 0) await applyImages(database, rows.primary);
}

/** Makes these rows what they are in the original, past the context's own triggers. */
export async function applyImages(database: Database, rows: readonly Image[]): Promise<void> {
  const images = writtenRows(rows);
  const text = JSON.stringify(images);
  await database.query('SELECT apply_images($1)', [UNREADABLE.test(text) ? JSON.stringify(images, readable) : text]);
}

/** A column of JSON can hold what no function of the database gets out of it: \u0000, half a character. */
const UNREADABLE = /\\u(?:0000|d[89a-f])/;

function readable(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd').toWellFormed() : value;
}
