import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineContract, event } from '../contract/index.js';
import { Metrics, type ReadMetrics, readMetrics } from '../observability/index.js';
import { Handles } from '../rpc/index.js';
import { Sagas, defineSaga, local } from '../saga/index.js';
import { type ContextUnderTest, type TestDatabase, complaintsAbout, contextUnderTest, eventually, testDatabase } from '../testing/index.js';
import { defineContext } from './index.js';

const brew = z.strictObject({ pot: z.string() });
const nothing = { commands: {}, queries: {} };
const kettle = defineContract({
  name: 'kettle', ...nothing,
  events: { boiled: event('kettle.water-boiled', { version: 1, aggregateType: 'pot', aggregateId: (it) => it.pot, payload: brew }) },
});

/** What a test wants to go wrong. */
const mood = { failures: 0, hold: Promise.resolve() };
async function temper(): Promise<void> {
  await mood.hold;
  if (mood.failures > 0) {
    mood.failures -= 1;
    throw new Error('The tea is spilt.');
  }
}

@Handles(kettle.events.boiled)
class PourTea { run = temper; }
class Steep { run = temper; }
class Serve { run = async () => undefined; }

const ceremony = defineSaga('ceremony', 1, brew, { forwardOnly: true, steps: [local('steep', Steep), local('serve', Serve)] });
const cups = defineContext({
  name: 'cups', owner: 'team-tea', contract: defineContract({ name: 'cups', ...nothing, events: {} }), calls: [], listensTo: [kettle.events.boiled],
  entities: [], migrations: [], controllers: [], providers: [], handlers: [PourTea], sagas: [ceremony],
});

let house: ContextUnderTest;
beforeAll(async () => {
  house = await contextUnderTest(cups, { messaging: { attempts: 3, firstDelayMs: 10, longestDelayMs: 20 }, sagas: { firstPauseMs: 10, longestPauseMs: 20 }, scrape: { answerMs: 1_000, countMs: 1_000 } });
});
afterAll(async () => { await house.close(); });
beforeEach(() => { Object.assign(mood, { failures: 0, hold: Promise.resolve() }); });

const scrape = async () => readMetrics(await house.app.get(Metrics).text());
const boil = (pot: string) => house.announce(kettle.events.boiled({ pot }));
const event_type = 'kettle.water-boiled';

describe('the figures of events', () => {
  it('count what was handled, from nought on', async () => {
    expect((await scrape()).sum('banyan_events_handled_total', { context: 'cups', event_type })).toBe(0);
    for (const pot of ['a', 'b', 'c']) await boil(pot);
    await house.settle();
    const figures = await scrape();
    expect(figures.sum('banyan_events_handled_total', { context: 'cups', event_type })).toBe(3);
    expect(figures.sum('banyan_event_handler_duration_seconds_count', { context: 'cups', event_type })).toBe(3);
    expect(figures.sum('banyan_event_handler_failures_total', { context: 'cups', event_type })).toBe(0);
    expect(complaintsAbout(figures)).toEqual([]);
  });

  it('count runs that failed, and the event once', async () => {
    const before = await scrape();
    mood.failures = 2;
    await boil('spilt');
    await house.settle();
    const after = await scrape();
    const grown = (name: string) => (after.sum(name, { event_type }) ?? 0) - (before.sum(name, { event_type }) ?? 0);
    expect([grown('banyan_event_handler_failures_total'), grown('banyan_events_handled_total')]).toEqual([2, 1]);
    expect(grown('banyan_event_handler_duration_seconds_count')).toBe(3);
  });

  it('show what waits, how long already, and what is parked', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    mood.hold = promise;
    await boil('held');
    await eventually(async () => {
      const figures = await scrape();
      expect(figures.sum('banyan_inbox_events', { context: 'cups', state: 'ready' })).toBe(1);
      expect(figures.sum('banyan_events_oldest_age_seconds', { context: 'cups' })).toBeGreaterThan(0);
    });
    mood.failures = Infinity;
    resolve();
    await eventually(async () => { expect((await scrape()).sum('banyan_inbox_events', { context: 'cups', state: 'parked' })).toBe(1); });
    const figures = await scrape();
    expect(figures.sum('banyan_inbox_events', { context: 'cups', state: 'ready' })).toBe(0);
    expect(figures.sum('banyan_events_oldest_age_seconds', { context: 'cups' })).toBe(0);
    expect(figures.sum('banyan_event_handling_paused', { context: 'cups' })).toBe(0);
  });

  it('say who relays', async () => {
    await eventually(async () => { expect((await scrape()).sum('banyan_relay_leader', { context: 'kettle' })).toBe(1); });
  });
});

describe('the figures of sagas', () => {
  const hold = (id: string) => house.input(() => house.database.transaction(() => house.get(Sagas).start(ceremony, id, { pot: id })));

  it('show 0 for one that nobody has started, and count steps by how they ended', async () => {
    expect((await scrape()).sum('banyan_sagas', { context: 'cups', saga: 'ceremony' })).toBe(0);
    mood.failures = 1;
    await hold('one');
    await eventually(async () => {
      const figures = await scrape();
      const steps = (step: string) => figures.sum('banyan_saga_steps_total', { context: 'cups', saga: 'ceremony', step, outcome: 'done' });
      expect([steps('steep'), steps('serve')]).toEqual([1, 1]);
      expect(figures.sum('banyan_saga_step_failures_total', { saga: 'ceremony', step: 'steep' })).toBe(1);
      expect(figures.sum('banyan_saga_duration_seconds_count', { saga: 'ceremony', outcome: 'done' })).toBe(1);
    });
  });

  it('show those that are under way, and which of them need somebody', async () => {
    mood.failures = Infinity;
    await hold('stuck');
    await eventually(async () => {
      const figures = await scrape();
      expect(figures.sum('banyan_sagas', { saga: 'ceremony', state: 'running' })).toBe(1);
      expect(figures.sum('banyan_sagas_needing_operator', { saga: 'ceremony' })).toBe(1);
      expect(figures.sum('banyan_sagas_oldest_age_seconds', { saga: 'ceremony' })).toBeGreaterThan(0);
    });
    mood.failures = 0;
    await eventually(async () => { expect((await scrape()).sum('banyan_sagas', { saga: 'ceremony' })).toBe(0); });
  });
});

describe('a scrape while the database is away', () => {
  const up = (figures: ReadMetrics) => figures.sum('banyan_context_database_up', { context: 'cups' });

  let elsewhere: TestDatabase;
  let name: string;
  beforeAll(async () => {
    elsewhere = await testDatabase();
    const [row] = await house.database.query<{ name: string }>('SELECT current_database() AS name');
    name = row?.name ?? '';
  });
  afterAll(async () => { await elsewhere.drop(); });

  async function takeAway(): Promise<void> {
    await elsewhere.query(`ALTER DATABASE ${name} CONNECTION LIMIT 0`);
    await elsewhere.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  }

  it('says so at once, shows nothing stale, and sees it come back', async () => {
    expect(up(await scrape())).toBe(1);
    await takeAway();
    const begun = performance.now();
    const away = await scrape();
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(up(away)).toBe(0);
    expect(away.sum('banyan_inbox_events', { context: 'cups' })).toBeUndefined();
    expect(away.sum('banyan_database_pool_limit', { context: 'cups' })).toBe(6);
    await elsewhere.query(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
    await eventually(async () => { expect(up(await scrape())).toBe(1); });
  });

  it('tells a database that is there from figures that take too long', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const holding = house.input(() => house.database.transaction(async () => {
      await house.database.query('LOCK TABLE inbox');
      locked.resolve();
      await promise;
    }));
    await locked.promise;
    const figures = await scrape();
    expect(up(figures)).toBe(1);
    expect(figures.sum('banyan_inbox_events', { context: 'cups' })).toBeUndefined();
    resolve();
    await holding;
    await eventually(async () => { expect((await scrape()).sum('banyan_inbox_events', { context: 'cups' })).toBeDefined(); });
  });

  it('does not wait for a pool that has no connection left', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const holding = Array.from({ length: 6 }, () => house.input(() => house.database.transaction(() => promise)));
    await eventually(async () => {
      const figures = await scrape();
      expect(figures.sum('banyan_database_pool_connections', { context: 'cups', state: 'busy' })).toBe(6);
      expect(up(figures)).toBe(0);
    });
    await eventually(async () => { expect((await scrape()).sum('banyan_database_pool_waiting', { context: 'cups' })).toBeGreaterThan(0); });
    resolve();
    await Promise.all(holding);
    await eventually(async () => { expect(up(await scrape())).toBe(1); });
  });
});
