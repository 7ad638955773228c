import type { SpanFacts } from '../observability/index.js';

/** Texts beyond this are most likely put together at run time: they are read anew each time. */
const MOST_TEXTS = 500;

const known = new Map<string, SpanFacts>();

/** A statement's span: what it does to which table. Neither its text nor its values are in it. */
export function statementSpan(sql: string): SpanFacts {
  const seen = known.get(sql);
  if (seen) return seen;
  const facts = read(sql);
  if (known.size < MOST_TEXTS) known.set(sql, facts);
  return facts;
}

function read(sql: string): SpanFacts {
  const operation = ((OF_WITH.exec(sql) ?? FIRST_WORD.exec(sql))?.[1] ?? 'sql').toUpperCase();
  const table = TABLE.exec(sql)?.[1];
  return {
    kind: 'client', name: table === undefined ? operation : `${operation} ${table}`,
    attributes: { 'db.system.name': 'postgresql', 'db.operation.name': operation, ...(table !== undefined && { 'db.collection.name': table }) },
  };
}

const FIRST_WORD = /^\s*(?:--[^\n]*\s+)*([a-z]+)/i;

/** What the first part of a WITH does says more than that it is one. */
const OF_WITH = /^\s*with\b[^]*?\b(select|insert|update|delete|merge)\b/i;

/** The first table that is named: enough to tell statements apart. What is read from and followed by a parenthesis is a function. */
const TABLE = /\b(?:(?:into|update)\s+(?:only\s+)?(?!set\b)|(?:from|join)\s+(?:only\s+)?(?!"?[\w.]+"?\s*\())"?([a-z_][\w.]*)/i;
