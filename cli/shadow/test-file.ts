import { dirname, join, relative, sep } from 'node:path';
import type { Sampled } from './api.js';
import { SHORT } from './report-text.js';

/** Where a test goes when nobody says where: among those of its context. */
export function pathOf({ context, id }: Sampled, root: string): string {
  return join(root, 'libs', 'contexts', context, 'test', `finding-${id.slice(0, SHORT)}.test.ts`);
}

/** A test that does the input of a finding again, and fails while the code does something else than the original did. */
export function testFile(finding: Sampled, { path, root }: { readonly path: string; readonly root: string }): string {
  const { id, context, endpoint, field, kind, count, firstSeen, lastSeen } = finding;
  const tape = literal(finding.tape).split('\n').join('\n  ');
  return `import { replayed } from '@banyan/kernel/testing';
import { expect, it } from '@jest/globals';
import { ${context} } from '${moduleOf(context, path, root)}';

/*
 * Written by npx banyan shadow export, of finding ${id}: ${oneLine(field)} of ${oneLine(endpoint)} (${kind}),
 * ${count} times from ${firstSeen} to ${lastSeen}. It passes when ${context} does with this input what the original did.
 */
it(${JSON.stringify(`${endpoint} does what the original did: ${field}`)}, async () => {
  expect(await replayed(${context}, tape())).toEqual([]);
}, 60_000);

/** What came in, with its time and ids; the rows that were there; what was asked outside, with the answers; and what came of it. */
function tape(): unknown {
  return ${tape};
}
`;
}

/** JSON is an expression, but for this name: written as it is, it would be the object's prototype. In a text no line begins. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(/^( *)("__proto__"):/gm, '$1[$2]:');
}

/** Within its own context a test imports the context's index; elsewhere, the package. */
function moduleOf(context: string, path: string, root: string): string {
  const home = join(root, 'libs', 'contexts', context);
  if (!path.startsWith(home + sep)) return `@banyan/${context}`;
  return `${relative(dirname(path), home).split(sep).join('/') || '.'}/index.js`;
}

/** Nothing that came from outside ends a comment. */
function oneLine(text: string): string {
  return text.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ');
}
