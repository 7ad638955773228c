import { afterAll, describe, expect, it } from '@jest/globals';
import type { ContextDeclaration } from '@banyan/kernel/context';
import { Metrics, readMetrics } from '@banyan/kernel/observability';
import { MeasuredTransport } from '@banyan/kernel/rpc';
import { runInput } from '@banyan/kernel/runtime';
import { declarationsOf, openHouse } from '../house/index.js';
import { changed, smallHouse, tearDownHouses, till } from '../testing/index.js';
import { MOST_CALLS_PER_INPUT } from './limits.js';
import { type Readiness, UnknownContext, readinessOf } from './readiness.js';
import { readable } from './text.js';

afterAll(tearDownHouses);

const noteItem = 'libs/contexts/till/src/note-item.ts';
/** The till's handler of events, with a client of the shelf. */
const calling = (body: string): string => `import { shelfContract } from '@banyan/shelf/contract';
import { Client, Handles } from '@banyan/kernel/rpc';
@Handles(shelfContract.events.itemTaken)
export class NoteItem {
  constructor(@Client(shelfContract) private readonly shelf: ClientOf<typeof shelfContract>) {}
  async run() { ${body} }
}
`;

interface Plan {
  /** What the till's handler does. */
  readonly does?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly declaration?: Partial<ContextDeclaration>;
  readonly figures?: string;
}

async function report({ does, files = {}, declaration = {}, figures }: Plan, context = 'shelf'): Promise<Readiness> {
  const house = await smallHouse({ files: { ...(does !== undefined && { [noteItem]: calling(does) }), ...files }, doors: { till: changed(till, declaration) } });
  return readinessOf(house, context, figures === undefined ? undefined : readMetrics(figures));
}

const codes = ({ reasons }: Readiness): string[] => reasons.map(({ code }) => code);
const once = `await this.shelf.takeItem({ sku: 'A' });`;
/** Nobody calls: the till only hears of the shelf. */
const listening: Partial<ContextDeclaration> = { calls: [], handlers: [], listensTo: [] };

/** What a process shows that made so many calls for each of its inputs. */
async function counted(inputs: number, callsPerInput: number): Promise<string> {
  const metrics = new Metrics();
  const calls = new MeasuredTransport({ send: async () => ({}) }, 'till', metrics);
  for (let i = 0; i < inputs; i += 1) {
    await runInput({}, async () => { for (let n = 0; n < callsPerInput; n += 1) await calls.send({ operation: 'shelf.take-item', input: {}, idempotencyKey: 'k' }); });
  }
  return metrics.text();
}

describe('a context that nobody waits for', () => {
  it('is ready', async () => {
    const found = await report({ declaration: listening, files: { [noteItem]: 'export const nothing = 1;\n', 'libs/contexts/till/src/till.context.ts': 'export const till = 1;\n' } });
    expect([found.verdict, found.reasons]).toEqual(['ready', []]);
    expect(found).toMatchObject({ calledBy: [], calls: [], gives: [{ event: 'shelf.item-taken', heardBy: [] }], owner: 'team-shelf' });
    expect(readable(found)).toContain('shelf can be lifted out. Next: npx banyan extract shelf --dry-run');
  });
});

describe('a context that is ready, with care', () => {
  it('is one whose answer somebody waits for, with a transaction open', async () => {
    const found = await report({ does: once });
    expect([found.verdict, codes(found)]).toEqual(['ready, with care', ['waited-for', 'transaction-held']]);
    expect(found.calledBy).toEqual([{ from: 'till', to: 'shelf', operation: 'shelf.take-item', how: 'waits', isRepeated: false, place: `${noteItem}:6` }]);
    expect(found.gives).toEqual([{ event: 'shelf.item-taken', heardBy: ['till'] }]);
    expect(found.waiting).toEqual([{ from: 'till', to: 'shelf', entrances: [{ name: 'shelf.item-taken', holdsTransaction: true }] }]);
  });

  it('is the one that waits as well', async () => {
    expect(codes(await report({ does: once }, 'till'))).toEqual(['waits-for', 'transaction-held']);
  });

  it('is one that keeps files or starts work by itself, which the walls let it', async () => {
    const exception = (file: string, subject: string) => ({ wall: 'determinism', file, subject, reason: 'It is only there to be found by this test.' });
    const path = 'libs/contexts/shelf/src/keep.ts';
    const found = await report({ declaration: listening, files: {
      [noteItem]: 'export const nothing = 1;\n', 'libs/contexts/till/src/till.context.ts': 'export const till = 1;\n',
      [path]: `import { writeFile } from 'node:fs/promises';\nsetInterval(() => writeFile('a', 'b'), 1);\n`,
      'cli/verify/exceptions.json': JSON.stringify([exception(path, 'node:fs/promises'), exception(path, 'setInterval()')]),
    } });
    expect([found.verdict, codes(found)]).toEqual(['ready, with care', ['keeps-files', 'own-timer']]);
    expect(readable(found)).toContain('It is only there to be found by this test.');
  });

  it('is one that every app asks', async () => {
    const found = await report({ does: once, files: {
      'apps/main/main.ts': `import { shelfContract } from '@banyan/shelf/contract';\nexport const issuer = shelfContract;\n`,
      'libs/shared-kernel/app/index.ts': `export { keys } from './access.js';\n`,
      'libs/shared-kernel/app/access.ts': 'export function keys(issuer: ClientOf<Issuer>) { return issuer.takeItem({}); }\n',
    } });
    expect(codes(found)).toContain('asked-by-every-app');
    expect(found.calledBy).toContainEqual(expect.objectContaining({ from: 'app', operation: 'shelf.take-item', place: 'libs/shared-kernel/app/access.ts:1' }));
  });
});

describe('a context that is not ready', () => {
  it.each([
    ['called in a loop', `for (const sku of skus) { ${once} }`, 'call-repeated'],
    ['called for every item of a list', `await Promise.all(skus.map((sku) => this.shelf.takeItem({ sku })));`, 'call-repeated'],
    ['called through a client that is handed on', 'return helper(this.shelf);', 'call-unreadable'],
    ['called through a name that is taken out of a client', 'const { takeItem } = this.shelf; await takeItem({});', 'call-unreadable'],
    ['called for something that its contract does not have', 'await this.shelf.burn({});', 'call-unreadable'],
    ['called where nobody sees it', '', 'call-unreadable'],
    ['reached past its contract', `${once} await db.query('select * from shelf.item');`, 'wall-broken'],
  ])('is one that is %s', async (_what, does, expected) => {
    const found = await report({ does });
    expect(found.verdict).toBe('not ready');
    expect(codes(found)[0]).toBe(expected);
    expect(readable(found)).toContain(`To do first\n  ✖ ${expected}: `);
  });

  it('takes a list that is asked for once, and then looped over, for one call', async () => {
    expect(codes(await report({ does: 'for (const it of await this.shelf.takeItem({})) note(it);' }))).toEqual(['waited-for', 'transaction-held']);
  });

  it('is one whose contract breaks what it promised', async () => {
    const released = { contract: 'shelf', commands: { 'shelf.give-back': { input: {}, output: {}, errors: {} } }, queries: {}, events: {}, broken: [] };
    const found = await report({ does: once, files: { 'libs/contexts/shelf/contract/released.json': JSON.stringify(released) } });
    expect([found.verdict, codes(found)[0]]).toEqual(['not ready', 'promise-broken']);
  });

  it('is one that is asked too often by one input, as measured', async () => {
    const many = await report({ does: once, figures: await counted(20, MOST_CALLS_PER_INPUT + 1) });
    expect([many.verdict, codes(many)]).toEqual(['not ready', ['too-chatty', 'waited-for', 'transaction-held']]);
    expect(many.measured).toEqual([expect.objectContaining({ calls: 120, inputs: 20, callsPerInput: 6, failed: 0 })]);
    expect(codes(await report({ does: once, figures: await counted(20, MOST_CALLS_PER_INPUT) }))).not.toContain('too-chatty');
    expect(codes(await report({ does: once, figures: await counted(19, MOST_CALLS_PER_INPUT + 1) }))).not.toContain('too-chatty');
  });
});

describe('npx banyan readiness', () => {
  it('tells of every context of the shop', async () => {
    const house = await openHouse();
    const verdicts: Record<string, string> = {};
    for (const { name } of declarationsOf(house)) {
      const found = await readinessOf(house, name);
      verdicts[name] = [found.verdict, ...codes(found)].join(' ');
      expect(readable(found)).toContain(`${name} can be lifted out`);
    }
    expect(verdicts).toEqual({
      catalog: 'ready, with care waited-for transaction-held',
      identity: 'ready, with care asked-by-every-app asked-by-every-app',
      inventory: 'ready',
      notifications: 'ready, with care keeps-files',
      ordering: 'ready, with care waits-for transaction-held own-timer',
      payments: 'ready',
      reporting: 'ready',
      shipping: 'ready',
    });
    const { waiting } = await readinessOf(house, 'catalog');
    expect(waiting[0]?.entrances).toEqual([{ name: 'POST /v1/credit-notes', holdsTransaction: true }, { name: 'POST /v1/orders', holdsTransaction: true }]);
  });

  it('knows the contexts that there are', async () => {
    await expect(readinessOf(await smallHouse(), 'attic')).rejects.toThrow(new UnknownContext('There is no context "attic". There are: shelf, till.'));
  });
});
