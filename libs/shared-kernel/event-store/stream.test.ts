import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { EventUnreadable, defineStream, evolved } from './index.js';
import { readEvent } from './stream.js';
import { at, cart, put, taken } from './test/cart.js';

const stored = (type: string, schema_version: number, data: unknown) => ({ version: 3, type, schema_version, data, occurred_at: at(0) });

describe('a fold', () => {
  it.each([
    { given: [], expected: [] },
    { given: [put('apple', 2)], expected: [{ apple: 2 }] },
    { given: [put('apple', 2), put('pear', 1), taken('apple', 1)], expected: [{ apple: 2 }, { apple: 2, pear: 1 }, { apple: 1, pear: 1 }] },
  ])('given $given.length events tells the state after each of them', ({ given, expected }) => {
    expect(evolved(cart, cart.initial, given.map((it, i) => ({ ...it, version: i + 1 })))).toEqual(expected);
  });
});

describe('a stored event', () => {
  it('of the current version is read as it is', () => {
    expect(readEvent(cart, stored('taken', 1, { sku: 'pear', quantity: 4 }))).toEqual({ type: 'taken', data: { sku: 'pear', quantity: 4 }, occurredAt: at(0), version: 3 });
  });

  it.each([
    { from: 1, data: { article: 'pear' } },
    { from: 2, data: { article: 'pear', quantity: 1 } },
    { from: 3, data: { sku: 'pear', quantity: 1 } },
  ])('of version $from is lifted step by step', ({ from, data }) => {
    expect(readEvent(cart, stored('put', from, data)).data).toEqual({ sku: 'pear', quantity: 1 });
  });

  it.each([
    { what: 'a type that nobody declared', type: 'thrown', from: 1, data: {} },
    { what: 'a name that every object has', type: 'toString', from: 1, data: {} },
    { what: 'a version from the future', type: 'put', from: 4, data: { sku: 'pear', quantity: 1 } },
    { what: 'data that does not fit', type: 'put', from: 3, data: { sku: 'pear', quantity: 'many' } },
  ])('of $what is refused', ({ type, from, data }) => {
    expect(() => readEvent(cart, stored(type, from, data))).toThrow(EventUnreadable);
  });

  it('of a version without a way up is refused', () => {
    const gap = defineStream({ name: 'gap', events: { put: { version: 2, data: z.object({}) } }, initial: 0, evolve: (n) => n + 1 });
    expect(() => readEvent(gap, stored('put', 1, {}))).toThrow('has no upcaster');
  });
});
