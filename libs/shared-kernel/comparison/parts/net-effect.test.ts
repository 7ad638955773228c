import { expect, it } from '@jest/globals';
import type { WrittenRow } from '../outputs.js';
import { netEffect } from './net-effect.js';

const row = (change: WrittenRow['change'], image: number, id = 1): WrittenRow => ({ table: 't', change, row: { id, image } });

it.each([
  { changes: ['inserted'], net: 'inserted' },
  { changes: ['inserted', 'updated', 'updated'], net: 'inserted' },
  { changes: ['inserted', 'deleted'], net: undefined },
  { changes: ['inserted', 'deleted', 'inserted'], net: 'inserted' },
  { changes: ['updated', 'updated'], net: 'updated' },
  { changes: ['updated', 'deleted'], net: 'deleted' },
  { changes: ['deleted', 'inserted'], net: 'updated' },
  { changes: ['deleted', 'inserted', 'deleted'], net: 'deleted' },
] as const)('$changes comes to $net, with the last image', ({ changes, net }) => {
  const written = changes.map((change, i) => row(change, i));
  expect(netEffect(written, { t: ['id'] })).toEqual(net === undefined ? [] : [row(net, changes.length - 1)]);
});

it('keeps rows apart by their key, and leaves rows alone whose key is not known, or that have none', () => {
  const written = [row('inserted', 1), row('updated', 2, 2), row('updated', 3)];
  expect(netEffect(written, { t: ['id'] })).toEqual([row('inserted', 3), row('updated', 2, 2)]);
  for (const keys of [{}, { t: [] }]) expect(netEffect(written, keys)).toEqual(written);
});
