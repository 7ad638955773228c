import { describe, it, expect } from '@jest/globals';
import { z } from 'zod';
import { page, pageQuery, readCursor } from './paging.js';

const parts = z.tuple([z.string(), z.int()]);

describe('a page', () => {
  const numbers = (from: number, limit: number): number[] => Array.from({ length: 10 }, (_, i) => i).filter((n) => n >= from).slice(0, limit + 1);

  it('leads to the next until there is none, missing nothing', () => {
    const seen: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const [, last] = readCursor(cursor, parts) ?? ['', -1];
      const { data, nextCursor, hasMore } = page(numbers(last + 1, 3), 3, (n) => ['x', n]);
      expect(hasMore).toBe(nextCursor !== null);
      seen.push(...data);
      cursor = nextCursor;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('is the last one when exactly as many are left as fit', () => {
    expect(page([1, 2, 3], 3, (n) => n)).toEqual({ data: [1, 2, 3], nextCursor: null, hasMore: false });
    expect(page([], 3, (n) => n)).toEqual({ data: [], nextCursor: null, hasMore: false });
  });

  const good = page([1, 2], 1, (n) => ['Ä/+', n]).nextCursor ?? '';

  it.each([
    ['with a letter added', `${good}A`], ['with padding', `${good}==`], ['in the other base64', 'Pz8/Pj4+'], ['that is no base64', '§'], ['that is no JSON', 'eyJh'],
    ['of another list', Buffer.from('{"a":1}').toString('base64url')], ['with parts of another kind', Buffer.from('["x","1"]').toString('base64url')],
  ])('refuses a cursor %s, naming it', (_what, cursor) => {
    expect(readCursor(good, parts)).toEqual(['Ä/+', 1]);
    expect(() => readCursor(cursor, parts)).toThrow(expect.objectContaining({ code: 'invalid-input', fields: [expect.objectContaining({ path: '?cursor' })] }));
  });
});

describe('the query of a list', () => {
  it.each([[{}, 20], [{ limit: '1' }, 1], [{ limit: '100' }, 100]])('%j asks for %d', (query, limit) => {
    expect(pageQuery.parse(query).limit).toBe(limit);
  });

  it.each(['0', '101', '-1', '1.5', 'ten', '', 'NaN', 'Infinity', '1e9', ['1', '2']])('does not take a limit of %j', (limit) => {
    expect(pageQuery.safeParse({ limit }).success).toBe(false);
  });
});
