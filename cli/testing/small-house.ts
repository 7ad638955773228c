import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ContextDeclaration, defineContext } from '@banyan/kernel/context';
import { type ClientOf, command, defineContract, event } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Client, Handles } from '@banyan/kernel/rpc';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type House, openHouse } from '../house/index.js';

/**
 * Two contexts that keep all rules: the till calls the shelf and hears of it. Each test spoils one thing. The sources
 * are what the walls read, the declarations what they would load: they say the same.
 */
const takeItem = command('shelf.take-item', { input: z.strictObject({ sku: z.string() }), output: z.strictObject({}) });
const itemTaken = event('shelf.item-taken', { version: 1, aggregateType: 'item', aggregateId: (it) => it.sku, payload: z.strictObject({ sku: z.string() }) });
export const shelfContract = defineContract({ name: 'shelf', commands: { takeItem }, queries: {}, events: { itemTaken } });
export const tillContract = defineContract({ name: 'till', commands: {}, queries: {}, events: {} });

@Injectable()
export class Items {
  constructor(readonly database: Database) {}
}

@Handles(takeItem)
class TakeItem {
  constructor(readonly items: Items) {}

  async run(): Promise<Record<string, never>> {
    return {};
  }
}

@Handles(itemTaken)
class NoteItem {
  constructor(@Client(shelfContract) readonly shelf: ClientOf<typeof shelfContract>) {}

  async run(): Promise<void> {
    await this.shelf.takeItem({ sku: 'A' }, { idempotencyKey: 'a' });
  }
}

const nothing = { calls: [], listensTo: [], entities: [], migrations: [], handlers: [], sagas: [], controllers: [], providers: [] };

export const shelf = defineContext({
  ...nothing, name: 'shelf', owner: 'team-shelf', contract: shelfContract, handlers: [TakeItem], providers: [Items],
  migrations: [{ name: '0001-initial', sql: 'create table item (sku text primary key)' }],
});
export const till = defineContext({
  ...nothing, name: 'till', owner: 'team-till', contract: tillContract, calls: [shelfContract], listensTo: [itemTaken], handlers: [NoteItem],
  migrations: [{ name: '0001-initial', sql: 'create table receipt (id uuid primary key, sku text not null)' }],
});

const manifest = (name: string): string => JSON.stringify({ name: `@banyan/${name}`, exports: { '.': './index.ts', './contract': './contract/index.ts' } });

const sources: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ dependencies: { zod: '4', '@nestjs/common': '12', rxjs: '7', pg: '8', stripe: '23' }, devDependencies: { '@jest/globals': '30' } }),
  'cli/verify/exceptions.json': '[]',
  'apps/main/contexts.ts': `import { shelf } from '@banyan/shelf';\nimport { till } from '@banyan/till';\nexport const contexts = [shelf, till];\n`,
  'libs/shared-kernel/words/index.ts': `export { money } from './money.js';\n`,
  'libs/shared-kernel/words/money.ts': 'export const money = 1;\n',
  'libs/shared-kernel/contract/index.ts': `export { event } from './event.js';\n`,
  'libs/shared-kernel/contract/event.ts': `import { z } from 'zod';\nimport { money } from '../words/index.js';\nexport const event = [z, money];\n`,
  'libs/shared-kernel/runtime/index.ts': `export { Clock } from './clock.js';\n`,
  'libs/shared-kernel/runtime/clock.ts': 'export const Clock = 1;\n',
  'libs/shared-kernel/persistence/index.ts': `export { Database } from './database.js';\n`,
  'libs/shared-kernel/persistence/database.ts': `import { Clock } from '../runtime/index.js';\nexport const Database = Clock;\n`,
  'libs/shared-kernel/rpc/index.ts': `export { Handles, Dispatcher } from './handles.js';\n`,
  'libs/shared-kernel/rpc/handles.ts': 'export const Handles = 1;\nexport const Dispatcher = 1;\n',
  'libs/shared-kernel/messaging/index.ts': `export { Events } from './events.js';\n`,
  'libs/shared-kernel/messaging/events.ts': 'export const Events = 1;\n',
  'libs/shared-kernel/facade/index.ts': `export { stage } from './stage.js';\n`,
  'libs/shared-kernel/facade/stage.ts': 'export const stage = 1;\n',
  'libs/shared-kernel/context/index.ts': `export { defineContext } from './define.js';\n`,
  'libs/shared-kernel/context/define.ts': `import { stage } from '../facade/index.js';\nexport const defineContext = stage;\n`,
  'libs/shared-kernel/testing/index.ts': `export { testDatabase } from './test-database.js';\n`,
  'libs/shared-kernel/testing/test-database.ts': 'export const testDatabase = 1;\n',
  'libs/contexts/shelf/package.json': manifest('shelf'),
  'libs/contexts/shelf/index.ts': `export { shelf } from './src/shelf.context.js';\n`,
  'libs/contexts/shelf/contract/index.ts': `import { event } from '@banyan/kernel/contract';\nexport const shelfContract = { events: { itemTaken: event('shelf.item-taken') } };\n`,
  'libs/contexts/shelf/src/shelf.context.ts': `import { defineContext } from '@banyan/kernel/context';\nexport const shelf = defineContext({ name: 'shelf' });\n`,
  'libs/contexts/shelf/src/take-item.ts':
    `import { Events } from '@banyan/kernel/messaging';\nimport { Handles } from '@banyan/kernel/rpc';\nimport { shelfContract } from '../contract/index.js';\n` +
    `@Handles(shelfContract)\nexport class TakeItem {\n  run(events: Events) { events.announce(shelfContract.events.itemTaken({ sku: 'A' })); }\n}\n`,
  'libs/contexts/shelf/src/migrations/0001-initial.ts': `export const initial = { name: '0001-initial', sql: 'create table item (sku text primary key)' };\n`,
  'libs/contexts/till/package.json': manifest('till'),
  'libs/contexts/till/index.ts': `export { till } from './src/till.context.js';\n`,
  'libs/contexts/till/contract/index.ts': `export const tillContract = {};\n`,
  'libs/contexts/till/src/till.context.ts': `import { defineContext } from '@banyan/kernel/context';\nimport { shelfContract } from '@banyan/shelf/contract';\nexport const till = defineContext({ calls: [shelfContract] });\n`,
  'libs/contexts/till/src/note-item.ts': `import { shelfContract } from '@banyan/shelf/contract';\nimport { Handles } from '@banyan/kernel/rpc';\n@Handles(shelfContract.events.itemTaken)\nexport class NoteItem {}\n`,
};

/** What a test changes: files, where `null` leaves one out, and what the doors of contexts hand out. */
interface Changes {
  readonly files?: Readonly<Record<string, string | null>>;
  readonly doors?: Readonly<Record<string, Record<string, unknown>>>;
}

const built: string[] = [];

/** Builds the house in a temporary folder, with the given changes, and opens it. */
export async function smallHouse({ files = {}, doors = {} }: Changes = {}): Promise<House> {
  const root = await mkdtemp(join(tmpdir(), 'banyan-house-'));
  built.push(root);
  for (const [path, text] of Object.entries({ ...sources, ...files })) {
    if (text === null) continue;
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const known: Record<string, Record<string, unknown>> = { shelf: { shelf }, till: { till }, ...doors };
  return openHouse(root, async (name) => known[name] ?? Promise.reject(new Error(`There is no index.js of ${name}.`)));
}

/** For `afterAll`. */
export async function tearDownHouses(): Promise<void> {
  await Promise.all(built.map((root) => rm(root, { recursive: true, force: true })));
}

/** A changed declaration, not checked by `defineContext`: the walls have to see by themselves. */
export function changed(declaration: ContextDeclaration, changes: Partial<ContextDeclaration>): Record<string, unknown> {
  return { [declaration.name]: { ...declaration, ...changes } };
}
