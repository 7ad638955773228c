import { describe, expect, it } from '@jest/globals';
import { differences } from './differences.js';

describe('the differences of two values', () => {
  it('are none where they are deeply equal, whatever the order of their fields', () => {
    expect(differences({ a: 1, b: [new Date(5), null] }, { b: [new Date(5), null], a: 1 })).toEqual([]);
  });

  it('are told with their places', () => {
    expect(differences({ answer: { lines: [{ debit: 1 }, { debit: 2 }] } }, { answer: { lines: [{ debit: 1 }, { debit: 3 }] } }))
      .toEqual([{ field: 'answer.lines[1].debit', control: 2, candidate: 3 }]);
  });

  it.each([
    { name: 'a lost null', control: { note: null }, candidate: {}, field: 'note' },
    { name: 'a null that was nothing', control: { note: undefined }, candidate: { note: null }, field: 'note' },
    { name: 'a field of undefined that is not there at all', control: { note: undefined }, candidate: {}, field: 'note' },
    { name: 'a missing element', control: [1, 2], candidate: [1], field: '[1]' },
    { name: 'another order', control: [1, 2], candidate: [2, 1], field: '[0]' },
    { name: 'a text for a number', control: { amount: 1 }, candidate: { amount: '1' }, field: 'amount' },
    { name: 'another instant', control: { at: new Date(1) }, candidate: { at: new Date(2) }, field: 'at' },
    { name: 'a list for an object', control: { lines: [] }, candidate: { lines: {} }, field: 'lines' },
    { name: 'another element of a map', control: { by: new Map([['a', 1]]) }, candidate: { by: new Map([['a', 2]]) }, field: 'by' },
    { name: 'minus zero', control: 0, candidate: -0, field: '' },
  ])('show $name', ({ control, candidate, field }) => {
    expect(differences(control, candidate)[0]).toMatchObject({ field });
  });
});
