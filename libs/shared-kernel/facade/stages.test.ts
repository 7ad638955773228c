import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Database, openDatabase, provisionContext } from '../persistence/index.js';
import { Chance, type TestDatabase, eventually, newSeed, testDatabase } from '../testing/index.js';
import {
  type Check, FACADE, type Precondition, Presence, StageChanges, StagePreconditionFailed, StageTable, type Standing, facadeMigrations, livingInstances, placeOf, shareOf,
} from './index.js';

const canary = (percent: number, salt = 'salt'): Standing => ({ context: 'payments', stage: 'canary', percent, epoch: 1, salt });
const seed = newSeed();

describe('the side that serves a key', () => {
  it(`is the same every time, and the extracted one for about as many as the percentage says (seed ${seed})`, () => {
    const chance = new Chance(seed);
    const keys = Array.from({ length: 4_000 }, () => `user ${chance.next()}`);
    for (const percent of [1, 10, 37, 90]) {
      const moved = keys.filter((it) => placeOf(canary(percent), it) === 'extracted');
      expect(keys.filter((it) => placeOf(canary(percent), it) === 'extracted')).toEqual(moved);
      expect(Math.abs(moved.length / keys.length - percent / 100)).toBeLessThan(0.04);
    }
  });

  it('never changes back while a canary grows', () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => `user ${at}`);
    for (const key of keys) {
      const sides = Array.from({ length: 101 }, (_, percent) => placeOf(canary(percent), key));
      expect(sides.lastIndexOf('embedded')).toBeLessThan(sides.indexOf('extracted'));
    }
  });

  it('is another one for some keys in another context, so that nobody is in every canary', () => {
    const keys = Array.from({ length: 1_000 }, (_, at) => `user ${at}`);
    const inBoth = keys.filter((it) => placeOf(canary(10), it) === 'extracted' && placeOf({ ...canary(10), context: 'catalog' }, it) === 'extracted');
    expect(inBoth.length).toBeLessThan(50);
  });

  it('is shared as the percentage says', () => {
    expect([shareOf(canary(30), 'extracted'), shareOf(canary(30), 'embedded')]).toEqual([0.3, 0.7]);
  });
});

describe('the stages of contexts', () => {
  let storage: TestDatabase;
  let database: Database;
  const open: StageTable[] = [];
  beforeAll(async () => {
    storage = await testDatabase();
    const { url } = await provisionContext({ adminUrl: storage.url, name: FACADE, migrations: facadeMigrations });
    database = await openDatabase({ context: FACADE, url, poolSize: 6, applicationName: 'test facade' });
  });
  afterAll(async () => {
    for (const table of open) await table.stop();
    await database.close();
    await storage.drop();
  });

  async function follower(): Promise<StageTable> {
    const table = new StageTable(database);
    open.push(table);
    await table.start();
    return table;
  }
  const checking = (...answers: boolean[]): Precondition[] => answers.map((ok, at) => async () => ({ name: `check ${at}`, ok, figures: { at }, explanation: `Number ${at}.` }));

  it('are embedded until somebody moves one, and every follower hears of it', async () => {
    const [one, other] = [await follower(), await follower()];
    const heard: string[] = [];
    other.onChange((context) => heard.push(context));
    expect(one.standingOf('catalog')).toMatchObject({ stage: 'embedded', percent: 0, epoch: 0 });
    await new StageChanges(database, []).change('catalog', { stage: 'canary', percent: 10, reason: 'first try' }, 'me');
    await eventually(() => {
      for (const table of [one, other]) expect(table.standingOf('catalog')).toMatchObject({ stage: 'canary', percent: 10, epoch: 1 });
    });
    expect(heard).toEqual(['catalog']);
  });

  it('go on as they were known while the store is away', async () => {
    const table = await follower();
    await new StageChanges(database, []).change('away', { stage: 'live', reason: 'all of it' }, 'me');
    await eventually(() => { expect(table.standingOf('away').stage).toBe('live'); });
    await storage.query('ALTER TABLE facade.stage RENAME TO stage_elsewhere');
    await table.look();
    expect(table.standingOf('away').stage).toBe('live');
    await storage.query('ALTER TABLE facade.stage_elsewhere RENAME TO stage');
    await table.look();
    expect(table.standingOf('away').stage).toBe('live');
  });

  it('keep the salt of a canary that ramps, and change nothing for a wish that is fulfilled', async () => {
    const [changes, table] = [new StageChanges(database, []), await follower()];
    await changes.change('ramp', { stage: 'canary', percent: 10, reason: 'begin' }, 'me');
    await table.look();
    const { salt } = table.standingOf('ramp');
    await changes.change('ramp', { stage: 'canary', percent: 50, reason: 'more' }, 'me');
    expect((await changes.change('ramp', { stage: 'canary', percent: 50, reason: 'again' }, 'me')).isReal).toBe(false);
    await table.look();
    expect(table.standingOf('ramp')).toMatchObject({ salt, percent: 50, epoch: 2 });
    expect((await changes.journal(10, 'ramp')).map(({ from, to, reason, actor }) => ({ from, to, reason, actor }))).toEqual([
      { from: { stage: 'canary', percent: 10 }, to: { stage: 'canary', percent: 50 }, reason: 'more', actor: 'me' },
      { from: { stage: 'embedded', percent: 0 }, to: { stage: 'canary', percent: 10 }, reason: 'begin', actor: 'me' },
    ]);
  });

  it('are refused with every check when one does not hold, and the way back needs none', async () => {
    const strict = new StageChanges(database, checking(true, false, false));
    const refusal = await strict.change('strict', { stage: 'live', reason: 'now' }, 'me').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StagePreconditionFailed);
    expect(String(refusal)).toContain('strict cannot go live: Number 1. Number 2.');
    expect((refusal as { details: { checks: Check[] } }).details.checks).toHaveLength(3);
    expect(await strict.journal(10, 'strict')).toEqual([]);
    await new StageChanges(database, checking(true)).change('strict', { stage: 'live', reason: 'now' }, 'me');
    expect(await strict.change('strict', { stage: 'embedded', reason: 'back' }, 'me')).toMatchObject({ isReal: true, checks: [] });
  });

  it('are planned without changing anything', async () => {
    const move = await new StageChanges(database, checking(false)).plan('planned', { stage: 'canary', percent: 5, reason: 'what if' });
    expect(move).toMatchObject({ isReal: true, to: { stage: 'canary', percent: 5 }, checks: [{ ok: false }] });
    expect(await new StageChanges(database, []).plan('planned', { stage: 'embedded', reason: 'still' })).toMatchObject({ isReal: false });
  });

  it('grow by one epoch per change, also when many want one at the same time', async () => {
    const changes = new StageChanges(database, []);
    await Promise.all(Array.from({ length: 12 }, (_, at) => changes.change('raced', { stage: 'canary', percent: at + 1, reason: 'race' }, `operator ${at}`)));
    expect((await changes.journal(50, 'raced')).map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, at) => 12 - at));
  });

  it('know the processes that there are, and forget those that left', async () => {
    const [one, other] = [new Presence(database, 'payments', ['payments']), new Presence(database, 'payments', ['payments'])];
    await one.start('http://one:3000');
    await other.start('http://other:3000');
    expect((await livingInstances(database)).map(({ app, url }) => `${app} ${url}`)).toEqual(['payments http://one:3000', 'payments http://other:3000']);
    await one.stop();
    expect((await livingInstances(database)).map(({ url }) => url)).toEqual(['http://other:3000']);
    await other.stop();
  });
});
