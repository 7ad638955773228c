import type { Schema } from '../snapshot.js';
import { accepts, alternatives, isSchema, schemasOf } from './schema.js';

const MOST = 8;

/**
 * A few values that the schema lets through, to try things out with: one with as little in it as there may be, and
 * some with everything, which go through the branches of its unions. Fewer, or none, where a pattern is too hard to meet.
 */
export function examplesOf(schema: Schema): unknown[] {
  const tries = [{ isFull: false, branch: 0 }, ...Array.from({ length: MOST }, (_, branch) => ({ isFull: true, branch }))];
  const made = tries.map((wish) => new Maker(schema, wish).make(schema, 0));
  const distinct = new Map(made.map((it) => [JSON.stringify(it), it]));
  return [...distinct.values()].filter((it) => accepts(schema, it));
}

interface Wish {
  readonly isFull: boolean;
  /** Which branch of a union, counted around. */
  readonly branch: number;
}

const DEEPEST = 12;

class Maker {
  constructor(private readonly root: Schema, private readonly wish: Wish) {}

  make(schema: Schema, depth: number): unknown {
    const branches = alternatives(schema, this.root);
    const chosen = branches[this.wish.branch % branches.length] ?? {};
    if ('const' in chosen) return chosen['const'];
    switch (chosen['type']) {
      case 'object': return this.object(chosen, depth);
      case 'array': return this.list(chosen, depth);
      case 'string': return textFor(chosen);
      case 'integer': case 'number': return numberFor(chosen);
      case 'boolean': return this.wish.isFull;
      default: return null;
    }
  }

  private object({ properties, required }: Schema, depth: number): unknown {
    const names: readonly unknown[] = Array.isArray(required) ? required : [];
    const wanted = Object.entries(isSchema(properties) ? properties : {}).filter(([name]) => names.includes(name) || (this.wish.isFull && depth < DEEPEST));
    return Object.fromEntries(wanted.map(([name, it]) => [name, this.make(isSchema(it) ? it : {}, depth + 1)]));
  }

  private list({ items, prefixItems, minItems }: Schema, depth: number): unknown {
    const fixed = schemasOf(prefixItems).map((it) => this.make(it, depth + 1));
    const least = Math.max(typeof minItems === 'number' ? minItems : 0, this.wish.isFull && depth < DEEPEST ? 1 : 0);
    const more = isSchema(items) ? Array.from({ length: Math.max(0, least - fixed.length) }, () => this.make(items, depth + 1)) : [];
    return [...fixed, ...more];
  }
}

const TEXTS: Readonly<Record<string, string>> = {
  uuid: '01890000-0000-7000-8000-000000000000', 'date-time': '2026-01-31T10:00:00Z', date: '2026-01-31', time: '10:00:00',
  email: 'somebody@shop.example', uri: 'https://shop.example/',
};
const WORDS = ['A-1', 'one two', 'a', 'A', '1', 'AB', 'ab', '12', 'abc', 'ABC', '123'];

function textFor(schema: Schema): string {
  const { format, minLength } = schema;
  const known = typeof format === 'string' ? TEXTS[format] : undefined;
  const least = typeof minLength === 'number' ? minLength : 0;
  const words = [...(known === undefined ? [] : [known]), ...WORDS, ...WORDS.map((it) => it.padEnd(least, it))];
  return words.find((it) => accepts(schema, it)) ?? '';
}

function numberFor(schema: Schema): number {
  const { minimum, exclusiveMinimum, maximum, multipleOf } = schema;
  const candidates = [1, 0, minimum, maximum, multipleOf, typeof exclusiveMinimum === 'number' ? exclusiveMinimum + 1 : undefined];
  return candidates.find((it): it is number => typeof it === 'number' && accepts(schema, it)) ?? 1;
}
