import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineError, moneySchema } from '@banyan/kernel/contract';
import { Answers, Fails, Idempotent, Public, Roles } from '@banyan/kernel/http';
import { Controller, Get, Post } from '@nestjs/common';
import { z } from 'zod';
import { changed, shelf, smallHouse, tearDownHouses } from '../testing/index.js';
import { drawings } from './drawings.js';
import { compare, write } from './folder.js';
import { shapeOf } from './shape.js';

afterAll(tearDownHouses);

const ShelfFull = defineError({ code: 'shelf-full', http: 409, grpc: 'ABORTED', retryable: true, help: 'Make room first.' });

@Controller('v1/items')
@Roles('staff')
class ItemsController {
  @Get(':sku')
  @Public()
  read(): void { /* answers nothing */ }

  @Post()
  @Idempotent()
  @Fails(ShelfFull)
  @Answers(201, z.strictObject({}), 'Put.')
  put(): void { /* answers nothing */ }
}

async function drawn(file: string): Promise<string> {
  const house = await smallHouse({ doors: { shelf: changed(shelf, { controllers: [ItemsController] }) } });
  return (await drawings(house)).get(`docs/generated/${file}`) ?? '';
}

describe('the maps', () => {
  it('have a line for every arrow between two rooms, in a stable order, without tests', async () => {
    const house = await smallHouse({ files: { 'libs/contexts/till/test/till.test.ts': `import { testDatabase } from '@banyan/kernel/testing';\n` } });
    const lines = ((await drawings(house)).get('docs/generated/house-map.txt') ?? '').split('\n').filter((it) => it !== '' && !it.startsWith('#'));
    expect(lines).toEqual([...lines].sort());
    expect(lines).toEqual(expect.arrayContaining(['apps/main -> till', 'kernel/contract -> kernel/words', 'till -> kernel/rpc', 'till -> shelf/contract', 'shelf/contract -> kernel/contract']));
    expect(lines.join()).not.toContain('testing');
  });

  it('show calls as solid and events as dashed arrows, with their names', async () => {
    const map = await drawn('context-map.md');
    expect(map).toContain('  till --> shelf\n');
    expect(map).toContain('  shelf -. "item-taken" .-> till\n');
    expect(map).toContain('| [shelf](contexts/shelf.md) | team-shelf | `shelf` | `banyan_shelf` | `take-item` | – | `item-taken` | – |');
  });

  it('describe a context by its code', async () => {
    const page = await drawn('contexts/shelf.md');
    expect(page).toContain('| `shelf.take-item` | command | `{ sku }` | `{}` | – |');
    expect(page).toContain('| `shelf.item-taken` | 1 | item | `{ sku }` | `till` |');
    expect(page).toContain('| `GET /v1/items/{sku}` | everybody | – | – |');
    expect(page).toContain('| `POST /v1/items` | staff | required | `shelf-full` |');
    expect(page).toContain('## Tables\n\n`item`');
    expect(page).toContain('called by `till`');
  });

  it('list every error of the kernel and the contexts', async () => {
    const page = await drawn('errors.md');
    expect(page).toContain('| `shelf-full` | 409 | `ABORTED` | yes | Make room first. |');
    expect(page).toContain('| `database-away` |');
  });

  it('are not drawn without a context whose declaration cannot be read', async () => {
    const house = await smallHouse({ files: { 'libs/contexts/attic/index.ts': '' } });
    await expect(drawings(house)).rejects.toThrow('libs/contexts/attic cannot be drawn');
  });
});

describe('a shape', () => {
  it.each([
    [z.strictObject({ id: z.uuid(), price: moneySchema, note: z.string().optional() }), '{ id, price, note? }'],
    [z.strictObject({ lines: z.array(z.strictObject({ sku: z.string() })), tags: z.array(z.string()) }), '{ lines: [{ sku }], tags }'],
    [z.discriminatedUnion('is', [z.strictObject({ is: z.literal('yes'), id: z.string() }), z.strictObject({ is: z.literal('no') })]), '{ is: "yes", id } | { is: "no" }'],
    [z.strictObject({ status: z.enum(['a', 'b']), reason: z.strictObject({ code: z.string() }).nullable() }), '{ status: "a" | "b", reason: { code } | null }'],
    [z.record(z.string(), z.strictObject({ n: z.int() })), '{ [key]: { n } }'],
    [z.string(), 'string'],
  ])('says the names that matter: %#', (schema, expected) => {
    expect(shapeOf(schema, 'output')).toBe(expected);
  });
});

describe('the folder of generated files', () => {
  let root: string;
  beforeEach(async () => { root = await mkdtemp(join(tmpdir(), 'banyan-graph-')); });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const files = new Map([['docs/generated/a.md', 'A'], ['docs/generated/contexts/b.md', 'B']]);

  it('is written once, and then agrees', async () => {
    const before = await compare(root, files);
    expect(before.map(({ state }) => state)).toEqual(['missing', 'missing']);
    await write(root, files, before);
    expect(await readFile(join(root, 'docs/generated/contexts/b.md'), 'utf8')).toBe('B');
    expect((await compare(root, files)).map(({ state }) => state)).toEqual(['current', 'current']);
  });

  it('loses the page of a context that is gone, and nothing else', async () => {
    await write(root, files, await compare(root, files));
    await writeFile(join(root, 'docs/generated/contexts/gone.md'), 'old');
    await writeFile(join(root, 'docs/generated/somebody-elses.md'), 'kept');
    await writeFile(join(root, 'docs/generated/a.md'), 'edited by hand');
    const comparison = await compare(root, files);
    expect(comparison).toEqual([
      { file: 'docs/generated/a.md', state: 'stale' }, { file: 'docs/generated/contexts/b.md', state: 'current' }, { file: 'docs/generated/contexts/gone.md', state: 'stray' },
    ]);
    await write(root, files, comparison);
    expect(await readdir(join(root, 'docs/generated/contexts'))).toEqual(['b.md']);
    expect(await readFile(join(root, 'docs/generated/somebody-elses.md'), 'utf8')).toBe('kept');
  });
});
