import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Chance, newSeed } from '../testing/plain.js';
import { type Difference, type DifferenceKind, type Outputs, asSet, compare, defineComparison } from './index.js';

const seed = newSeed();
const strict = defineComparison({});
const sets = defineComparison({ fields: { 'response/value': asSet(), 'response/value/**': asSet() } });

const returning = (value: unknown): Outputs => ({ response: { is: 'returned', value }, transactions: [], calls: [] });
const between = (a: unknown, b: unknown, rules = strict): Difference[] => compare(returning(a), returning(b), { rules, keys: {} });

/** Some JSON, with so few different parts that equal ones meet. */
function anyValue(chance: Chance, depth = 3): unknown {
  const kind = chance.below(depth > 0 ? 8 : 5);
  if (kind >= 6) return Object.fromEntries(['a', 'b', 'c'].slice(0, chance.below(4)).map((name) => [name, anyValue(chance, depth - 1)]));
  if (kind === 5) return Array.from({ length: chance.below(5) }, () => anyValue(chance, depth - 1));
  return [null, true, 'x', chance.below(3), String(chance.below(3))][kind];
}

/** Another order at every level. */
function shuffled(value: unknown, chance: Chance): unknown {
  if (Array.isArray(value)) return value.map((it: unknown) => ({ it: shuffled(it, chance), at: chance.next() })).sort((a, b) => a.at - b.at).map(({ it }) => it);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).toReversed().map(([name, it]: [string, unknown]) => [name, shuffled(it, chance)]));
}

const turned: Partial<Record<DifferenceKind, DifferenceKind>> = { missing: 'extra', extra: 'missing' };

describe(`any two values (seed ${seed})`, () => {
  const chance = new Chance(seed);
  const pairs = Array.from({ length: 3_000 }, () => [anyValue(chance), anyValue(chance)] as const);

  it('differ exactly when they are not equal', () => {
    const wrong = pairs.filter(([a, b]) => (between(a, b).length === 0) !== isDeepStrictEqual(a, b));
    expect(wrong).toEqual([]);
  });

  it('miss the other way round what they had too much', () => {
    const kinds = (differences: readonly Difference[]): string[] => differences.map(({ kind, field }) => `${kind} ${field}`).sort();
    const wrong = pairs.filter(([a, b]) => !isDeepStrictEqual(kinds(between(a, b)), kinds(between(b, a).map((it) => ({ ...it, kind: turned[it.kind] ?? it.kind })))));
    expect(wrong.length / pairs.length).toBeLessThan(0.02); // of several ways to pair two lists either may be taken
  });

  it('are the same as sets in whatever order', () => {
    for (const [value] of pairs.slice(0, 500)) {
      const other = shuffled(value, chance);
      expect(between(value, other, sets)).toEqual([]);
    }
  });
});

it('lists within lists within lists take no longer for being tried out first', () => {
  const nested = (leaf: number): unknown => Array.from({ length: 40 }).reduce((inside: unknown) => [inside, [leaf]], leaf);
  const began = performance.now();
  expect(between(nested(1), nested(2)).length).toBeGreaterThan(0);
  expect(performance.now() - began).toBeLessThan(2_000); // three tries per level would be 3^40
});
