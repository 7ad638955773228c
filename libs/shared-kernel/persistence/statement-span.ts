import type { SpanFacts } from '../observability/index.js';

/** Texts beyond this are most likely put together at run time: they are read anew each time. */
const MOST_TEXTS = 500;

const known = new Map<string, SpanFacts>();

/** A statement's span: what it does to which table. Neither its text nor its values are in it. */
export function statementSpan(sql: string): SpanFacts {
  const seen = known.get(sql);
  if (seen) return seen;
  const span = read(sql);
  if (known.size < MOST_TEXTS) known.set(sql, span);
  return span;
}

function read(sql: string): SpanFacts {
  const [verb = 'sql', table] = (WRITE.exec(sql) ?? []).slice(1).filter((it) => it !== undefined);
  return table === undefined ? facts(FIRST_WORD.exec(sql)?.[1] ?? verb, READ.exec(sql)?.[1]) : facts(verb, table);
}

function facts(verb: string, table: string | undefined): SpanFacts {
  const operation = verb.toUpperCase();
  return {
    kind: 'client', name: table === undefined ? operation : `${operation} ${table}`,
    attributes: { 'db.system.name': 'postgresql', 'db.operation.name': operation, ...(table !== undefined && { 'db.collection.name': table }) },
  };
}

/** The first write, also inside of a WITH: that says more about a statement than what it reads for it. Row locks and ON CONFLICT are none. */
const WRITE = /\b(?:(insert|merge)\s+into|(delete)\s+from|(?<!\b(?:for|do|key)\s+)(update))\s+(?:only\s+)?"?([a-z_][\w.]*)/i;

const FIRST_WORD = /^\s*(?:--[^\n]*\s+)*([a-z]+)/i;

/** The first table that is read. What is followed by a parenthesis is a function, and in `extract(epoch FROM at)` there is none. */
const READ = /(?:(?<!extract\s*\(\s*\w+\s+)\bfrom|\bjoin)\s+(?:only\s+)?(?!"?[\w.]+"?\s*\()"?([a-z_][\w.]*)/i;
