import { describe, it, expect } from '@jest/globals';
import { PreconditionFailed } from './errors.js';
import { checkIfMatch, etagOf } from './etag.js';

const current = etagOf({ sku: 'B-1', version: 2 });
const older = etagOf({ sku: 'B-1', version: 1 });

describe('If-Match', () => {
  it('lets a change through without it, with the current tag, with a list that has it, and with a star', () => {
    for (const header of [undefined, current, `${older}, ${current}`, `${older},${current}`, '*']) expect(() => checkIfMatch(header, current)).not.toThrow();
  });

  it('stops a change meant for an older version, a weak tag, and anything where there is nothing', () => {
    for (const header of [older, `W/${current}`, '', '"', current.slice(1)]) expect(() => checkIfMatch(header, current)).toThrow(PreconditionFailed);
    for (const header of [current, '*']) expect(() => checkIfMatch(header, null)).toThrow(PreconditionFailed);
  });
});

describe('an entity tag', () => {
  it('is a quoted string that changes with the thing', () => {
    expect(current).toMatch(/^"[\w-]{27}"$/);
    expect(older).not.toBe(current);
    expect(etagOf({ sku: 'B-1', version: 2 })).toBe(current);
  });
});
