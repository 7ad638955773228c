import { describe, expect, it } from '@jest/globals';
import { jsonCopy, jsonHash } from './json.js';

describe('a JSON copy', () => {
  it('shares nothing with the original', () => {
    const original = { lines: [{ n: 1 }] };
    const copy = jsonCopy(original);
    expect(copy).toEqual(original);
    original.lines[0] = { n: 2 };
    expect(copy).toEqual({ lines: [{ n: 1 }] });
  });

  it('keeps nothing as nothing', () => {
    expect(jsonCopy(undefined)).toBeUndefined();
  });
});

describe('a JSON hash', () => {
  it('does not depend on the order of keys, at any depth', () => {
    expect(jsonHash({ a: 1, b: { c: [{ d: 1, e: 2 }] } })).toBe(jsonHash({ b: { c: [{ e: 2, d: 1 }] }, a: 1 }));
  });

  it('depends on the order of a list, and on every value', () => {
    expect(jsonHash([1, 2])).not.toBe(jsonHash([2, 1]));
    expect(jsonHash({ a: '1' })).not.toBe(jsonHash({ a: 1 }));
  });
});
