import { escapeIdentifier, escapeLiteral } from 'pg';
import { plainName } from '../tape/redaction.js';

/** A column that is copied. */
export interface CopiedColumn {
  readonly name: string;
  /** Is it JSON? */
  readonly isJson: boolean;
  /** Are there names within it, as in JSON and in rows? */
  readonly isDeep: boolean;
  readonly isList: boolean;
}

/** Which columns are copied, and who is not to be found in them afterwards. */
export interface Copying {
  /** The context's, quoted. */
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly CopiedColumn[];
  readonly personal: readonly string[];
  /** What personal values are hashed with. */
  readonly key: Buffer;
}

/**
 * What stands on a copy for the hash of an input that had people in it: the bare hash tells who they are to anybody who
 * guesses. `Remembered` puts another one there when the input comes again.
 */
export const UNTOLD = 'redacted';

/** What becomes of a column of the kernel's. */
type Kept = 'redacted JSON' | 'untold' | 'nothing';

/**
 * Of the kernel's tables, whose columns are its own words whatever they are called, what contexts and people have said.
 * Headers that are kept are as little redacted as those of an answer on the tape: both sides must come to the same.
 */
const SAID: Readonly<Record<string, Readonly<Record<string, Kept>>>> = {
  command_log: { input_hash: 'untold', reply: 'redacted JSON' },
  idempotency_key: { request_hash: 'untold', body: 'redacted JSON' },
  saga: { state: 'redacted JSON', reason: 'redacted JSON', last_error: 'nothing' },
  saga_step: {},
};

/** The columns of a table as they are read for a copy; with nobody in them, where the context has somebody in its data. */
export function readForCopy(copying: Copying): string[] {
  const { schema, table, columns, personal } = copying;
  if (personal.length === 0) return columns.map(({ name }) => escapeIdentifier(name));
  const said = SAID[table];
  const names = new Set(personal.map(plainName));
  const list = [...names].map(escapeLiteral).join(', ');
  const how: How = { ...copying, place: `${schema}.${escapeIdentifier(table)}`, names, redacted: (json) => `${schema}.tape_redacted(${json}, ARRAY[${list}]::text[])` };
  return columns.map((column) => {
    const quoted = escapeIdentifier(column.name);
    return `${said ? kernelColumn(quoted, said[column.name], how) : ownColumn(column, how)} AS ${quoted}`;
  });
}

interface How {
  /** The table. */
  readonly place: string;
  readonly names: ReadonlySet<string>;
  readonly redacted: (json: string) => string;
  readonly key: Buffer;
}

function kernelColumn(quoted: string, kept: Kept | undefined, { redacted }: How): string {
  switch (kept) {
    case 'redacted JSON': return redacted(`${quoted}::json`);
    case 'untold': return escapeLiteral(UNTOLD);
    case 'nothing': return 'NULL';
    case undefined: return quoted;
  }
}

/** As the triggers see it: as a field of its row. */
function ownColumn({ name, isJson, isDeep, isList }: CopiedColumn, { place, names, redacted, key }: How): string {
  const quoted = escapeIdentifier(name);
  const isPersonal = names.has(plainName(name));
  const row = redacted(`json_build_object(${escapeLiteral(name)}, ${quoted})`);
  // A null of JSON is one still.
  if (isJson) return `CASE WHEN ${quoted} IS NOT NULL THEN ${row} -> ${escapeLiteral(name)} END`;
  if (isDeep || (isPersonal && isList)) return `(json_populate_record(NULL::${place}, ${row})).${quoted}`;
  return isPersonal ? hashedText(quoted, key) : quoted;
}

/** The same as `Redaction.hashed`, of a column of text. */
function hashedText(column: string, key: Buffer): string {
  const secret = `${escapeLiteral(`\\x${key.toString('hex')}`)}::bytea`;
  return `'redacted-' || left(encode(sha256(${secret} || sha256(${secret} || convert_to(${column}::text, 'UTF8'))), 'hex'), 24) || CASE WHEN ${column}::text LIKE '%@%' THEN '@redacted.example' ELSE '' END`;
}
