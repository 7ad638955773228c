import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readPage, root, scriptOf } from './markdown.js';
import { ScratchCheckout } from './scratch-checkout.js';
import { runShell, shellEnvironment } from './shell.js';

const guide = readPage('docs/guides/add-a-context.md');
const testing = readPage('docs/guides/test-a-context.md');
const files = [...guide.blocks, ...testing.blocks].filter(({ file }) => file !== undefined);

let checkout: ScratchCheckout;
beforeAll(() => { checkout = new ScratchCheckout(); });
afterAll(() => checkout.remove());

it('the context of the guide is new, and the guide shows all of its files', () => {
  const created = files.filter(({ language }) => language !== 'diff').map(({ file = '' }) => file);
  expect(created.length).toBeGreaterThan(8);
  expect(created.filter((file) => existsSync(join(root, file)))).toEqual([]);
});

it('a context made by the guide compiles, passes its tests, and stands behind all walls', async () => {
  for (const block of files) checkout.write(block);
  checkout.linkPackages();
  const output = await runShell(scriptOf(guide), { cwd: checkout.folder, environment: shellEnvironment() });
  expect(output).toMatch(/^[1-9]\d* passed, 0 failed, 0 skipped$/m);
  expect(output).toMatch(/^\d walls stand/m);
}, 260_000);
