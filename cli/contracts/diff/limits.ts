import type { Schema } from '../snapshot.js';
import { type Change, letThrough } from './change.js';
import { canonical } from './schema.js';

const LOWER = ['minLength', 'minItems', 'minProperties', 'minimum', 'exclusiveMinimum'];
const UPPER = ['maxLength', 'maxItems', 'maxProperties', 'maximum', 'exclusiveMaximum'];

/** What `diff` looks into by itself. */
const ELSEWHERE: ReadonlySet<string> = new Set(['type', 'const', 'properties', 'required', 'additionalProperties', 'items', 'prefixItems', 'format', 'pattern', ...LOWER, ...UPPER]);

/** Compares what two schemas of the same type ask of a value, beside its fields and items. */
export function compareLimits(path: string, was: Schema, now: Schema): Change[] {
  const others = [...new Set([...Object.keys(was), ...Object.keys(now)])].filter((it) => !ELSEWHERE.has(it));
  return [
    ...LOWER.flatMap((it) => bound(path, it, was[it], now[it], -1)),
    ...UPPER.flatMap((it) => bound(path, it, was[it], now[it], 1)),
    ...compareForm(path, was, now),
    ...others.flatMap((it) => demand(path, it, was[it], now[it])),
  ];
}

/** @param openEnd where a missing bound lies: -1 below everything, 1 above; zod writes the ends of the safe integers down */
function bound(path: string, keyword: string, was: unknown, now: unknown, openEnd: -1 | 1): Change[] {
  const end = (it: unknown): number => (typeof it === 'number' && it !== openEnd * Number.MAX_SAFE_INTEGER ? it : openEnd * Infinity);
  const [before, after] = [end(was), end(now)];
  const grows = (after - before) * openEnd > 0;
  return before === after ? [] : letThrough(path, !grows, grows, `${keyword} was ${shown(was)} and is ${shown(now)}`);
}

/** A demand of which only presence can be judged: another one may let other values through. */
function demand(path: string, keyword: string, was: unknown, now: unknown): Change[] {
  if (canonical(was) === canonical(now)) return [];
  return letThrough(path, now !== undefined, was !== undefined, `${keyword} was ${shown(was)} and is ${shown(now)}`);
}

function shown(value: unknown): string {
  return value === undefined ? 'not set' : JSON.stringify(value);
}

/** `format` and `pattern`: zod writes a pattern for every format, which may change its looks from one version of zod to the next. */
function compareForm(path: string, was: Schema, now: Schema): Change[] {
  const { format } = was;
  const probes = typeof format === 'string' && format === now['format'] ? PROBES[format] : undefined;
  if (!probes) return [...demand(path, 'format', format, now['format']), ...demand(path, 'pattern', was['pattern'], now['pattern'])];
  const [before, after] = [matcher(was['pattern']), matcher(now['pattern'])];
  const lost = probes.filter((it) => before(it) && !after(it));
  const won = probes.filter((it) => after(it) && !before(it));
  const examples = [...lost.map((it) => `no longer ${JSON.stringify(it)}`), ...won.map((it) => `now also ${JSON.stringify(it)}`)];
  return letThrough(path, lost.length > 0, won.length > 0, `the format ${format} takes ${examples.join(', ')}`);
}

function matcher(pattern: unknown): (text: string) => boolean {
  if (typeof pattern !== 'string') return () => true;
  const expression = new RegExp(pattern, 'u');
  return (text) => expression.test(text);
}

/** Texts that tell the kinds of a format apart. */
const PROBES: Readonly<Record<string, readonly string[]>> = {
  uuid: ['01890000-0000-7000-8000-000000000000', '01890000-0000-4000-8000-000000000000', '00000000-0000-0000-0000-000000000000', 'f47ac10b-58cc-0372-0567-0e02b2c3d479', 'no uuid'],
  'date-time': ['2026-01-31T10:00:00Z', '2026-01-31T10:00:00.123Z', '2026-01-31T10:00Z', '2026-01-31T10:00:00+01:00', '2026-01-31T10:00:00', '2026-02-30T10:00:00Z', 'no time'],
  date: ['2026-01-31', '2026-02-30', 'no date'],
  time: ['10:00:00', '10:00', '10:00:00.123', '10:00:00Z', 'no time'],
  email: ['a@shop.example', 'a.b+c@sub.shop.example', 'a@localhost', 'ä@shop.example', 'no address'],
  uri: ['https://shop.example/a?b#c', 'mailto:a@shop.example', 'no uri'],
};
