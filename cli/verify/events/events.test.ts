import { afterAll, describe, expect, it } from '@jest/globals';
import { defineContract, event } from '@banyan/kernel/contract';
import { z } from 'zod';
import { changed, shelf, shelfContract, smallHouse, tearDownHouses, till } from '../../testing/index.js';
import { eventsWall } from './wall.js';

afterAll(tearDownHouses);

const FILE = 'libs/contexts/till/src/sneak.ts';
const IMPORT = `import { shelfContract } from '@banyan/shelf/contract';`;

async function rulesBroken(changes: Parameters<typeof smallHouse>[0]): Promise<string[]> {
  const { violations } = eventsWall(await smallHouse(changes));
  return violations.map(({ rule, file, line }) => `${rule} ${file}${line === undefined ? '' : `:${line}`}`);
}

const inTill = (source: string) => ({ files: { [FILE]: `${IMPORT}\n${source}\n` } });

/** An event with the small payload that all of these have. */
const made = (type: string) => event(type, { version: 1, aggregateType: 'item', aggregateId: (it) => it.sku, payload: z.strictObject({ sku: z.string() }) });

describe('the events wall', () => {
  it('stands around a house that keeps the rules', async () => {
    expect(eventsWall(await smallHouse())).toEqual({ wall: 'events', seen: '1 events, 1 listeners', violations: [] });
  });

  it('catches an event that nobody announces', async () => {
    const silent = `import { Handles } from '@banyan/kernel/rpc';\nimport { shelfContract } from '../contract/index.js';\n@Handles(shelfContract)\nexport class TakeItem {}\n`;
    expect(await rulesBroken({ files: { 'libs/contexts/shelf/src/take-item.ts': silent } })).toEqual(['event-never-announced libs/contexts/shelf/contract/index.ts:2']);
  });

  it.each([
    ['by its full name', 'events.announce(shelfContract.events.itemTaken({ sku }));'],
    ['by a name of its own', 'const taken = shelfContract.events.itemTaken;events.announce(taken({ sku }));'],
    ['taken apart', 'const { itemTaken } = shelfContract.events;itemTaken({ sku });'],
    ['taken apart and renamed', 'const { events: { itemTaken: taken } } = shelfContract;taken({ sku });'],
    ['by a string', `shelfContract.events['itemTaken']({ sku });`],
  ])('catches a context that announces the event of another one: %s', async (_how, source) => {
    expect(await rulesBroken(inTill(source))).toEqual([`announced-by-stranger ${FILE}:2`]);
  });

  it('catches it under another import name, as a whole module, and handed on by another file', async () => {
    expect(await rulesBroken({
      files: {
        'libs/contexts/till/src/a.ts': `import { shelfContract as them } from '@banyan/shelf/contract';\nthem.events.itemTaken({ sku });\n`,
        'libs/contexts/till/src/b.ts': `import * as them from '@banyan/shelf/contract';\nthem.shelfContract.events.itemTaken({ sku });\n`,
        'libs/contexts/till/src/c.ts': `${IMPORT}\nexport const { itemTaken } = shelfContract.events;\n`,
        'libs/contexts/till/src/d.ts': `import { itemTaken } from './c.js';\nitemTaken({ sku });\n`,
        'apps/main/speak.ts': `${IMPORT}\nshelfContract.events.itemTaken({ sku });\n`,
      },
    })).toEqual(['announced-by-stranger apps/main/speak.ts:2', ...['a', 'b', 'd'].map((it) => `announced-by-stranger libs/contexts/till/src/${it}.ts:2`)]);
  });

  it('lets a listener read the schema of what it hears, and tests make up what they need', async () => {
    expect(await rulesBroken(inTill('const shape = shelfContract.events.itemTaken.payload.parse({ sku });shelfContract.commands.takeItem.input.parse({});'))).toEqual([]);
    expect(await rulesBroken({ files: { 'libs/contexts/till/src/sneak.test.ts': `${IMPORT}\nshelfContract.events.itemTaken({ sku });\n` } })).toEqual([]);
  });

  it('catches what is made outside of a contract', async () => {
    expect(await rulesBroken(inTill(`import { event } from '@banyan/kernel/contract';`))).toEqual([`declared-outside-contract ${FILE}:2`]);
  });

  it('catches topics and operations that are named by a string', async () => {
    const { violations } = eventsWall(await smallHouse(inTill(`const a = 'shelf.item-taken', b = 'shelf.take-item', c = 'shelf.item-burnt', d = 'shelf is full.', e = 'attic.item-taken';`)));
    expect(violations.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual(['named-by-string shelf.item-taken', 'named-by-string shelf.take-item', 'topic-undeclared shelf.item-burnt']);
  });

  it('catches a context that writes into the outbox by itself', async () => {
    expect(await rulesBroken(inTill('const sql = `INSERT INTO outbox (event_type) VALUES ($1)`;'))).toEqual([`kernel-table ${FILE}:2`]);
  });

  it('catches a handler that the declaration forgot', async () => {
    expect(await rulesBroken(inTill('@Handles(shelfContract.events.itemTaken)\nexport class Forgotten {}'))).toEqual([`handler-unlisted ${FILE}:2`]);
  });

  it('catches a declaration that hears a copy, or an event that nobody owns', async () => {
    const copy = made('shelf.item-taken');
    const stray = made('attic.box-opened');
    const { violations } = eventsWall(await smallHouse({ doors: { till: changed(till, { listensTo: [copy, stray], handlers: [] }) } }));
    expect(violations.map(({ rule, subject }) => `${rule} ${subject}`).sort()).toEqual([
      'handler-unlisted NoteItem', 'listens-in-vain attic.box-opened', 'listens-in-vain shelf.item-taken', 'listens-to-unknown attic.box-opened', 'listens-to-unknown shelf.item-taken',
    ]);
  });

  it('catches a handler of an event that the declaration does not hear', async () => {
    expect(await rulesBroken({ doors: { till: changed(till, { listensTo: [] }) } })).toEqual(['handles-undeclared libs/contexts/till/src/till.context.ts']);
  });

  it('catches a call of a contract that is only a copy', async () => {
    const copy = defineContract({ ...shelfContract });
    const { violations } = eventsWall(await smallHouse({ doors: { till: changed(till, { calls: [copy] }) } }));
    expect(violations.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual(['calls-unknown shelf']);
  });

  it.each([
    ['says no time', 'shelf.item-take', 'itemTake'],
    ['says no noun', 'shelf.taken', 'taken'],
    ['is not kebab-case', 'shelf.itemTaken', 'itemTaken'],
    ['has two names', 'shelf.item-taken', 'itemWasTaken'],
    ['bears the name of another context', 'till.item-taken', 'itemTaken'],
  ])('catches an event whose name %s', async (_what, type, key) => {
    const contract = { ...shelfContract, events: { [key]: made(type) } };
    expect((await rulesBroken({ doors: { shelf: changed(shelf, { contract }) } })).some((it) => it.startsWith('event-name '))).toBe(true);
  });

  it('knows past tenses that do not end in -ed', async () => {
    for (const [key, type] of [['itemSold', 'shelf.item-sold'], ['itemRebuilt', 'shelf.item-rebuilt'], ['letterSent', 'shelf.letter-sent']] as const) {
      const broken = await rulesBroken({ doors: { shelf: changed(shelf, { contract: { ...shelfContract, events: { [key]: made(type) } } }) } });
      expect(broken.filter((it) => it.startsWith('event-name'))).toEqual([]);
    }
  });

  it('catches two events with one topic', async () => {
    const contract = { ...shelfContract, events: { ...shelfContract.events, itemLent: made('shelf.item-taken') } };
    expect((await rulesBroken({ doors: { shelf: changed(shelf, { contract }) } })).some((it) => it.startsWith('topic-twice '))).toBe(true);
  });
});
