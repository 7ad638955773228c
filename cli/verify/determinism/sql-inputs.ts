import type { SourceFile } from '../../house/index.js';
import type { HiddenInput, Spotted } from './hidden-inputs.js';
import { sqlTexts } from '../sql/sql-text.js';

/** What PostgreSQL makes up by itself, wherever it is written. */
const calls: readonly (readonly [HiddenInput, RegExp])[] = [
  ['time', /\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)/gi],
  ['time', /\bcurrent_(?:timestamp|date|time)\b|\blocaltimestamp\b/gi],
  ['chance', /\b(?:random|random_normal|setseed|gen_random_bytes|gen_salt)\s*\(/gi],
  ['ids', /\b(?:gen_random_uuid|uuidv4|uuidv7|uuid_generate_v\d\w*)\s*\(/gi],
  ['ids', /\b(?:nextval|currval|setval|lastval|txid_current\w*|pg_current_xact_id\w*)\s*\(/gi],
  ['timer', /\bpg_sleep\w*\s*\(/gi],
  ['machine', /\bcurrent_setting\s*\(|\b(?:inet_server_addr|pg_backend_pid|version)\s*\(\s*\)/gi],
];

/** Words that mean it only within a statement. */
const words: readonly (readonly [HiddenInput, RegExp])[] = [
  ['time', /\blocaltime\b|'(?:now|today|tomorrow|yesterday)'/gi],
  ['ids', /\b(?:small|big)?serial\b|\bcreate\s+sequence\b|\bgenerated\s+(?:always|by\s+default)\s+as\s+identity\b/gi],
  ['chance', /\btablesample\b/gi],
];

/** Hidden inputs in the SQL of a file. */
export function hiddenInSql(file: SourceFile): Spotted[] {
  return sqlTexts(file).flatMap(({ text, start, looksLikeSql }) =>
    inSql(text, looksLikeSql).map(({ input, subject, at }) => ({ input, subject, line: file.lineOf(start + at) })));
}

/** Hidden inputs in one piece of SQL, with their positions. */
export function inSql(sql: string, isStatement: boolean): { readonly input: HiddenInput; readonly subject: string; readonly at: number }[] {
  return [...calls, ...(isStatement ? words : [])].flatMap(([input, pattern]) =>
    [...sql.matchAll(pattern)].map((match) => ({ input, subject: nameOf(match[0]), at: match.index })));
}

function nameOf(found: string): string {
  return found.replace(/\s*\(\s*\)?$/, '()').replaceAll(/\s+/g, ' ').toLowerCase();
}
