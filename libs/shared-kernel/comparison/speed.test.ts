import { expect, it } from '@jest/globals';
import { type Outputs, asSet, compare, defineComparison } from './index.js';

/** An order of so many lines; every `nth` costs a penny more. */
function order(lines: number, dearer: (line: number) => boolean): Outputs {
  const body = { lines: Array.from({ length: lines }, (_, i) => ({ id: `line-${i}`, sku: `B-${i % 97}`, quantity: 1 + (i % 5), price: { amount: 100 + (dearer(i) ? 1 : 0), currency: 'GBP' }, note: null })) };
  return { response: { is: 'http', status: 200, headers: {}, body }, transactions: [], calls: [] };
}

/** Milliseconds of the fastest of some runs. */
function fastest(run: () => void): number {
  return Math.min(...Array.from({ length: 3 }, () => {
    const began = performance.now();
    run();
    return performance.now() - began;
  }));
}

const rules = [['a list', defineComparison({})], ['a set', defineComparison({ fields: { 'response/body/lines': asSet() } })]] as const;

it.each(rules)('the time for a long order grows with its length, and not with its square: %s', (_, rule) => {
  const time = (lines: number, dearer: (line: number) => boolean): number => {
    const [primary, candidate] = [order(lines, () => false), order(lines, dearer)];
    return fastest(() => compare(primary, candidate, { rules: rule, keys: {} }));
  };
  for (const dearer of [(i: number) => i === 200, (i: number) => i % 2 === 0, (i: number) => i % 3 === 0]) {
    expect(time(3_200, dearer) / time(400, dearer)).toBeLessThan(8 * 4); // its square would be 64
  }
});
