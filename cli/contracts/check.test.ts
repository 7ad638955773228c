import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ContextDeclaration } from '@banyan/kernel/context';
import { type Contract, event } from '@banyan/kernel/contract';
import { z } from 'zod';
import { openHouse } from '../house/index.js';
import { type ContractsOnDisk, checkContracts } from './check.js';
import { runCheck } from './run-check.js';
import { type ReleaseRun, runRelease } from './run-release.js';
import { snapshotSchema } from './snapshot.js';
import { bookLent, lent, loan, shelfContract } from './testing/shelf.js';

const declared = (contract: Contract, more: Partial<ContextDeclaration> = {}): ContextDeclaration =>
  ({ name: contract.name, owner: 'team-books', contract, calls: [], listensTo: [], entities: [], migrations: [], handlers: [], sagas: [], controllers: [], providers: [], ...more });
const renamed = shelfContract({ events: { bookLent: event('shelf.book-lent', { ...loan, payload: lent.omit({ due: true }).extend({ until: lent.shape.due }) }) } });
const second = shelfContract({ events: { bookLent: event('shelf.book-lent', { ...loan, version: 2, payload: lent.extend({ desk: z.string() }), upcast: { 1: (it) => ({ ...lent.parse(it), desk: 'main' }) } }) } });

describe('npx banyan contracts', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'banyan-contracts-'));
    for (const name of ['shelf', 'desk']) await mkdir(join(root, 'libs', 'contexts', name, 'contract'), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));

  /** A house with the shelf and a desk that calls it and listens to it. */
  function house(contract: Contract = shelfContract()): ContractsOnDisk {
    const desk = declared({ name: 'desk', commands: {}, queries: {}, events: {} }, { calls: [contract], listensTo: [bookLent] });
    return { root, contexts: [declared(contract), desk].map((declaration) => ({ name: declaration.name, folder: `libs/contexts/${declaration.name}`, door: {}, declaration })) };
  }

  /** What a verb prints and exits with. */
  async function outcome(run: () => Promise<void>): Promise<{ code: unknown; text: string }> {
    const printed: string[] = [];
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    try {
      await run();
      return { code: process.exitCode, text: printed.join('').trimEnd() };
    } finally {
      out.mockRestore();
      process.exitCode = undefined;
    }
  }

  const check = (contract?: Contract, json = false) => outcome(() => runCheck(json, house(contract)));
  const release = (contract: Contract, order: Partial<ReleaseRun> = {}) => outcome(() => runRelease({ contexts: [], reason: undefined, retired: [], isDry: false, json: false, ...order }, house(contract)));
  const released = async () => snapshotSchema.parse(JSON.parse(await readFile(join(root, 'libs/contexts/shelf/contract/released.json'), 'utf8')));

  it('keeps every promise of this repository', async () => {
    expect((await checkContracts(await openHouse())).flatMap(({ broken }) => broken)).toEqual([]);
  });

  it('promises nothing before the first release, and says so', async () => {
    expect(await check()).toEqual({ code: 0, text: expect.stringMatching(/✔ shelf {2}1 command, 1 query, 1 event; never released.*\nnote: not released yet: shelf, desk/s) });
  });

  it('is content right after a release, and tells what is not released yet', async () => {
    expect(await release(shelfContract())).toEqual({ code: 0, text: 'libs/contexts/shelf/contract/released.json\nlibs/contexts/desk/contract/released.json\n2 contracts were released. Commit the files.' });
    expect((await check()).text).toBe('✔ shelf  1 command, 1 query, 1 event; as released\n✔ desk   0 commands, 0 queries, 0 events; as released\n\nEvery promise of the last release is kept.');
    expect((await release(shelfContract())).text).toBe('Nothing to release: the contracts say what they said.');
    expect((await check(second)).text).toContain('note: not released yet: shelf (npx banyan');
  });

  it('fails on a broken promise with who, where, why and what to do', async () => {
    await release(shelfContract());
    const { code, text } = await check(renamed);
    expect(code).toBe(1);
    expect(text).toContain([
      'shelf.book-lent v1 /due  payload-renamed', '    it is called "until" now',
      '    breaks listeners that were built before (desk, services elsewhere), and whoever reads messages that were written before: the former expect the old name, the latter still find it in older messages.',
      '    → Keep the old name; or give the event version 2, with upcast: { 1: … } from this one.',
    ].join('\n'));
    expect(JSON.parse((await check(renamed, true)).text)).toMatchObject({ ok: false, broken: [{ promise: 'shelf.book-lent v1', rule: 'payload-renamed', path: '/due' }] });
  });

  it('refuses a release that breaks a promise, unless it is told why', async () => {
    await release(shelfContract());
    expect(await release(renamed)).toMatchObject({ code: 1, text: expect.stringContaining('1 broken promise.') });
    expect((await released()).broken).toEqual([]);
    expect(await release(renamed, { reason: 'Nobody listens.' })).toMatchObject({ code: 0 });
    expect((await released()).broken).toEqual([{ promise: 'shelf.book-lent v1 /due: it is called "until" now', reason: 'Nobody listens.' }]);
    expect((await check(renamed)).code).toBe(0);
  });

  it('writes nothing on a dry run', async () => {
    expect((await release(shelfContract(), { isDry: true })).text).toContain('2 contracts would be released.');
    await expect(released()).rejects.toThrow('ENOENT');
  });

  it('keeps older versions of an event until they are retired', async () => {
    await release(shelfContract());
    await release(second);
    expect(Object.keys((await released()).events['shelf.book-lent']?.payloads ?? {})).toEqual(['1', '2']);
    const careless = shelfContract({ events: { bookLent: event('shelf.book-lent', { ...loan, version: 2, payload: lent.extend({ desk: z.string() }) }) } });
    expect((await check(careless)).text).toContain('shelf.book-lent v1  upcaster-missing');
    expect(await release(careless, { retired: ['shelf.book-lent@1'] })).toMatchObject({ code: 0 });
    expect((await check(careless)).code).toBe(0);
    await expect(release(careless, { retired: ['shelf.book-lent@2'] })).rejects.toThrow('only an older version of an event that was released can be retired');
  });

  it('does not take for kept what cannot be read', async () => {
    await expect(release(shelfContract(), { contexts: ['cellar'] })).rejects.toThrow('There is no context cellar. There are: shelf, desk.');
    await writeFile(join(root, 'libs/contexts/shelf/contract/released.json'), '{"contract": "shelf"}');
    await expect(check()).rejects.toThrow('libs/contexts/shelf/contract/released.json does not hold a released contract');
    await writeFile(join(root, 'libs/contexts/shelf/contract/released.json'), 'not json');
    await expect(check()).rejects.toThrow('does not hold a released contract');
    const broken = { ...house(), contexts: [{ name: 'shelf', folder: 'libs/contexts/shelf', door: {}, trouble: 'It does not compile.' }] };
    await expect(outcome(() => runCheck(false, broken))).rejects.toThrow('The contract in libs/contexts/shelf cannot be read: It does not compile.');
  });
});
