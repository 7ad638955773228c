import { afterAll, describe, expect, it } from '@jest/globals';
import { changed, shelfContract, smallHouse, tearDownHouses, till, tillContract } from '../../testing/index.js';
import { importsWall } from './wall.js';

afterAll(tearDownHouses);

const SNEAK = 'libs/contexts/till/src/sneak.ts';

async function rulesBroken(files: Record<string, string | null>, doors = {}): Promise<string[]> {
  const { violations } = await importsWall(await smallHouse({ files, doors }));
  return violations.map(({ rule, file, line }) => `${rule} ${file}${line === undefined ? '' : `:${line}`}`);
}

describe('the imports wall', () => {
  it('stands around a house that keeps the rules', async () => {
    const { seen, violations } = await importsWall(await smallHouse());
    expect(violations).toEqual([]);
    expect(seen).toMatch(/^\d\d+ imports in \d\d files$/);
  });

  it.each([
    ['the inside of another context, by a deep relative path', `import { TakeItem } from '../../shelf/src/take-item.js';`, 'context-imports-context'],
    ['the inside of another context, for a type alone', `import type { TakeItem } from '../../shelf/src/take-item.js';`, 'context-imports-context'],
    ['the inside of another context, as a type in passing', `export type T = import('../../shelf/src/take-item.js').TakeItem;`, 'context-imports-context'],
    ['the inside of another context, when the program runs', `export const it = () => import('../../shelf/src/take-item.js');`, 'context-imports-context'],
    ['the inside of another context, handed on', `export * from '../../shelf/src/take-item.js';`, 'context-imports-context'],
    ['the inside of another context, by require', `const it = require('../../shelf/src/take-item.js');`, 'context-imports-context'],
    ['the declaration of another context', `import { shelf } from '@banyan/shelf';`, 'context-imports-context'],
    ['a path that the package does not export', `import { TakeItem } from '@banyan/shelf/src/take-item.js';`, 'import-unreadable'],
    ['the contract of another context past its package', `import { shelfContract } from '../../shelf/contract/index.js';`, 'past-the-door'],
    ['a computed path', 'export const it = (name: string) => import(`../../${name}/src/secrets.js`);', 'import-unreadable'],
    ['a file that is not there', `import { gone } from './gone.js';`, 'import-unreadable'],
    ['an absolute path', `import { it } from '/etc/it.js';`, 'import-unreadable'],
    ['a room of the kernel past its door', `import { Clock } from '@banyan/kernel/runtime/clock.js';`, 'import-unreadable'],
    ['a room of the kernel by a relative path', `import { Clock } from '../../../shared-kernel/runtime/index.js';`, 'past-the-door'],
    ['the room that decides where contexts run', `import { stage } from '@banyan/kernel/facade';`, 'room-not-for-contexts'],
    ['the room for tests', `import { testDatabase } from '@banyan/kernel/testing';`, 'room-not-for-contexts'],
    ['the room for declarations, elsewhere', `import { defineContext } from '@banyan/kernel/context';`, 'declaration-elsewhere'],
    ['a name that is for apps', `import { Dispatcher } from '@banyan/kernel/rpc';`, 'host-name'],
    ['all names of a room', `import * as rpc from '@banyan/kernel/rpc';`, 'host-name'],
    ['a library that contexts may not use by themselves', `import pg from 'pg';`, 'library-unknown'],
    ['an app', `import { contexts } from '../../../../apps/main/contexts.js';`, 'nobody-imports-programs'],
    ['a test', `import { fake } from '../test/fake.js';`, 'product-imports-test'],
  ])('catches a context that imports %s', async (_what, source, rule) => {
    const broken = await rulesBroken({ [SNEAK]: `\n${source}\n`, 'libs/contexts/till/test/fake.ts': 'export const fake = 1;\n' });
    expect(broken).toEqual([`${rule} ${SNEAK}:2`]);
  });

  it.each([
    ['a file below libs', 'libs/helpers.ts'],
    ['a file beside the rooms of the kernel', 'libs/shared-kernel/helpers.ts'],
    ['a room of the kernel without a floor', 'libs/shared-kernel/attic/index.ts'],
    ['a folder of a context that no rule knows', 'libs/contexts/till/services/till.service.ts'],
    ['a file beside a context\'s door', 'libs/contexts/till/helpers.ts'],
    ['a file beside the apps', 'apps/shared.ts'],
    ['plain JavaScript', 'libs/contexts/till/sneak.mjs'],
  ])('catches %s: it lies in no room', async (_what, file) => {
    expect(await rulesBroken({ [file]: 'export const it = 1;\n' })).toContain(`file-without-room ${file}`);
  });

  it.each([
    ['a lower floor that imports a higher one', 'words/up.ts', `import { event } from '../contract/index.js';`, 'floor'],
    ['a room that imports a later one of its own floor', 'persistence/up.ts', `import { Handles } from '../rpc/index.js';`, 'floor'],
    ['a room that sees the room for declarations', 'facade/up.ts', `import { defineContext } from '../context/index.js';`, 'floor'],
    ['a room that goes past a door', 'persistence/past.ts', `import { Clock } from '../runtime/clock.js';`, 'past-the-door'],
    ['a library on the lowest floor', 'words/library.ts', `import { z } from 'zod';`, 'kernel-ground-imports-library'],
    ['a library that is not delivered', 'persistence/library.ts', `import { jest } from '@jest/globals';`, 'library-not-delivered'],
    ['a context in the kernel', 'messaging/shop.ts', `import { shelfContract } from '@banyan/shelf/contract';`, 'kernel-names-context'],
    ['a context in a test of the kernel', 'messaging/shop.test.ts', `import { shelf } from '@banyan/shelf';`, 'kernel-names-context'],
    ['a door with something of its own', 'runtime/index.ts', `export const clock = 1;`, 'door-defines'],
  ])('catches, in the kernel, %s', async (_what, file, source, rule) => {
    expect(await rulesBroken({ [`libs/shared-kernel/${file}`]: `${source}\n`, 'libs/shared-kernel/persistence/database.ts': 'export const Database = 1;\n' }))
      .toEqual([`${rule} libs/shared-kernel/${file}:1`]);
  });

  it.each([
    ['a library', `import { Injectable } from '@nestjs/common';`],
    ['another contract', `import { shelfContract } from '@banyan/shelf/contract';`],
    ['its own context\'s inside', `import { NoteItem } from '../src/note-item.js';`],
    ['a room of the kernel that does something', `import { Database } from '@banyan/kernel/persistence';`],
    ['something of Node', `import { createHash } from 'node:crypto';`],
  ])('catches a contract that imports %s', async (_what, source) => {
    expect(await rulesBroken({ 'libs/contexts/till/contract/index.ts': `${source}\n` })).toEqual(['contract-imports libs/contexts/till/contract/index.ts:1']);
  });

  it('catches an app that goes past a context\'s door, or into another app', async () => {
    const app = 'apps/extracted/till/main.ts';
    expect(await rulesBroken({ [app]: `import { NoteItem } from '../../../libs/contexts/till/src/note-item.js';\nimport { contexts } from '../../main/contexts.js';\n` }))
      .toEqual([`past-the-door ${app}:1`, `app-imports-app ${app}:2`]);
  });

  it('catches a contract that is imported and not declared', async () => {
    const broken = await rulesBroken({ [SNEAK]: `import { shelfContract } from '@banyan/shelf/contract';\n` }, { till: changed(till, { calls: [], listensTo: [], handlers: [] }) });
    expect(broken).toContain(`contract-undeclared ${SNEAK}:1`);
  });

  it('catches a contract that is declared and not imported', async () => {
    expect(await rulesBroken({ 'libs/contexts/till/src/note-item.ts': 'export class NoteItem {}\n' })).toEqual(['contract-unused libs/contexts/till/src/till.context.ts']);
  });

  it('catches contexts that know each other in a circle, and names the imports that close it', async () => {
    const house = await smallHouse({
      files: { 'libs/contexts/shelf/src/ask.ts': `import { tillContract } from '@banyan/till/contract';\n` },
      doors: { shelf: { shelf: { name: 'shelf', owner: 'team', contract: shelfContract, calls: [tillContract], listensTo: [], handlers: [] } } },
    });
    const { violations } = await importsWall(house);
    expect(violations).toMatchObject([{ rule: 'contexts-in-a-circle', problem: expect.stringContaining('shelf → till → shelf'), instead: expect.stringContaining('libs/contexts/shelf/src/ask.ts:1') }]);
  });

  it('catches a context that nobody hosts, and a package that exports more than the two doors', async () => {
    const broken = await rulesBroken({
      'libs/contexts/attic/index.ts': `export { box } from './src/box.js';\n`,
      'libs/contexts/attic/src/box.ts': 'export const box = 1;\n',
      'libs/contexts/till/package.json': JSON.stringify({ name: '@banyan/till', exports: { '.': './index.ts', './contract': './contract/index.ts', './src/*': './src/*' } }),
    });
    expect(broken).toEqual(expect.arrayContaining([
      'context-without-app libs/contexts/attic/index.ts',
      'package-exports libs/contexts/attic/package.json', 'package-exports libs/contexts/till/package.json',
    ]));
  });
});
