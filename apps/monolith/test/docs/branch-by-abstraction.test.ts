import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { readPage, root } from './markdown.js';

it('the guide to branch by abstraction shows the code that its tests run', () => {
  const tested = readFileSync(join(root, 'libs/shared-kernel/experiment/test/books.ts'), 'utf8');
  const shown = readPage('docs/guides/branch-by-abstraction.md').blocks.map(({ text }) => text);
  expect(shown.length).toBeGreaterThan(2);
  expect(shown.filter((it) => !tested.includes(it))).toEqual([]);
});
