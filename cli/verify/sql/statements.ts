import { type House, type SourceFile, sourcesOf } from '../../house/index.js';
import type { Violation } from '../violation.js';
import { sqlTexts } from './sql-text.js';

/** Statements with which a context would leave its schema or change who may do what; migrations run as the administrator. */
const powers: readonly (readonly [RegExp, string])[] = [
  [/\bsearch_path\b/gi, 'changes where names are looked up'],
  [/\b(?:set|reset)\s+(?:(?:local|session)\s+)?(?:role|session\s+authorization)\b/gi, 'becomes another role'],
  [/\bdblink\w*|\b(?:postgres|file)_fdw\b|\bcreate\s+(?:server|foreign\s+\w+|user\s+mapping)\b|\bimport\s+foreign\s+schema\b/gi, 'opens a way into other databases'],
  [/\bcreate\s+extension\b/gi, 'adds an extension to the whole database'],
  [/\b(?:create|alter|drop)\s+(?:role|user|schema|database)\b|\balter\s+(?:system|default\s+privileges)\b|\bowner\s+to\b/gi, 'changes what belongs to whom'],
  [/(?<!with\s)\b(?:grant|revoke)\s+(?:all|select|insert|update|delete|truncate|references|trigger|usage|create|execute|connect|banyan_)/gi, 'changes who may do what'],
  [/\bsecurity\s+definer\b/gi, 'makes a function that runs with the rights of its owner, the administrator'],
];

/** Reads the SQL in a context's sources. */
export function statementViolations(house: House): Violation[] {
  const names = house.contexts.map(({ name }) => name);
  return names.flatMap((context) => sourcesOf(house, context).flatMap((file) => [...inFile(context, names, file)]));
}

function* inFile(context: string, names: readonly string[], file: SourceFile): Generator<Violation> {
  const others = names.filter((it) => it !== context);
  for (const { text, start, looksLikeSql } of sqlTexts(file)) {
    const at = (index: number) => ({ wall: 'sql' as const, file: file.path, line: file.lineOf(start + index) });
    for (const { index, schema, table } of looksLikeSql ? foreignNames(text, others) : wholeName(text, others)) {
      yield {
        ...at(index), rule: 'foreign-schema', subject: `${schema}.${table}`, problem: `${context} names ${schema}.${table}, a table in the schema of ${schema}.`,
        instead: `Ask ${schema} by a query of its contract, or keep the fact yourself from its events.`,
      };
    }
    if (!looksLikeSql) continue;
    for (const { index, name } of qualifiedNames(text, context, others)) {
      yield {
        ...at(index), rule: 'qualified-name', subject: name, problem: `${context} names ${name}, outside of its own schema or in one that only shows when the program runs.`,
        instead: 'Write the name of the table alone: the connection of a context looks into its own schema.',
      };
    }
    for (const [pattern, what] of powers) {
      for (const match of text.matchAll(pattern)) {
        const subject = match[0].replaceAll(/\s+/g, ' ').toLowerCase();
        yield { ...at(match.index), rule: 'more-than-its-own', subject, problem: `${context} ${what} with "${subject}".`, instead: 'Schemas, roles and rights are the kernel\'s: it gives each context its own, and no more.' };
      }
    }
  }
}

interface Named {
  readonly index: number;
  readonly schema: string;
  readonly table: string;
}

/** `inventory.stock`, `"inventory"."stock"`, after a keyword also with spaces; `inventory.reserve-stock` is the name of an operation. */
function foreignNames(text: string, others: readonly string[]): Named[] {
  if (others.length === 0) return [];
  const schema = `"?(${others.join('|')})"?`;
  const table = '"?([a-z_]\\w*)(?![\\w-])';
  const patterns = [`(?<![\\w.@/])${schema}\\.${table}`, `\\b(?:from|join|into|update|table|only|references|lock|copy|using|on)\\s+${schema}(?:\\s+\\.\\s*|\\.\\s+)${table}`];
  return patterns.flatMap((it) => [...text.matchAll(new RegExp(it, 'gi'))].map((match) => ({ index: match.index + match[0].search(/\S+\s*\./), schema: match[1] ?? '', table: match[2] ?? '' })));
}

/** A literal that is nothing but such a name becomes part of a statement elsewhere. */
function wholeName(text: string, others: readonly string[]): Named[] {
  return /^\s*"?\w+"?\s*\.\s*"?\w+"?\s*$/.test(text) ? foreignNames(text, others) : [];
}

const AFTER_KEYWORD = /\b(?:from|join|into|update|table|truncate|references|lock|copy|using)\s+(?:only\s+)?("?[a-z_]\w*"?|\$\{\s*\})\s*\.\s*"?([a-z_]\w*|\$\{)/gi;

/** Tables with a schema before them that is neither the context's own nor PostgreSQL's. */
function qualifiedNames(text: string, context: string, others: readonly string[]): { readonly index: number; readonly name: string }[] {
  return [...text.matchAll(AFTER_KEYWORD)].flatMap((match) => {
    const schema = (match[1] ?? '').replaceAll('"', '').toLowerCase();
    const isKnown = schema === context || schema === 'pg_catalog' || others.includes(schema);
    return isKnown ? [] : [{ index: match.index, name: `${schema.startsWith('$') ? '${…}' : schema}.${match[2]?.startsWith('$') ? '${…}' : match[2]}` }];
  });
}
