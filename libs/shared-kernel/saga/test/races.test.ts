import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { MaybeExecuted, Unavailable } from '../../contract/index.js';
import type { Database } from '../../persistence/index.js';
import type { Transport } from '../../rpc/index.js';
import { Chance, newSeed } from '../../testing/plain.js';
import { Agency } from './agency.js';
import { happy, journey, turnedBack } from './journey.js';

let agency: Agency;
let otherPool: Database;
beforeAll(async () => {
  agency = await Agency.open();
  otherPool = await agency.anotherPool();
});
afterEach(() => agency.calm());
afterAll(() => agency.close());

const definitions = [journey];
const seed = newSeed();
/** As another instance of the app sees the world: through a pool of its own. */
const elsewhere = () => ({ database: () => otherPool, transport: <T>(it: T) => it });

describe('two executors on one database', () => {
  it('share the sagas and do every step once', async () => {
    const trips = Array.from({ length: 60 }, (_, i) => `shared-${i}`);
    const calls = { here: 0, there: 0 };
    const counting = (who: keyof typeof calls, database: Database) => ({
      database: () => database,
      transport: (real: Transport): Transport => ({
        send: (call) => {
          calls[who] += 1;
          return real.send(call);
        },
      }),
    });
    await agency.executor({ definitions, settings: { concurrency: 4 }, through: counting('here', agency.trips) });
    await agency.executor({ definitions, settings: { concurrency: 4 }, through: counting('there', otherPool) });
    await Promise.all(trips.map((tripId) => agency.begin(journey, tripId)));
    for (const tripId of trips) {
      await agency.ended('journey', tripId);
      expect(await agency.ledgers(tripId)).toEqual(happy(tripId));
    }
    expect(calls.here).toBeGreaterThan(0);
    expect(calls.there).toBeGreaterThan(0);
  });

  it('leave the sagas to the one that is on duty, from the moment that it is', async () => {
    const calls: string[] = [];
    const noting = (who: string) => ({
      database: () => otherPool,
      transport: (real: Transport): Transport => ({ send: (call) => { calls.push(who); return real.send(call); } }),
    });
    let onDuty = 'here';
    const here = await agency.executor({ definitions, through: noting('here'), isOnDuty: () => onDuty === 'here' });
    const there = await agency.executor({ definitions, through: noting('there'), isOnDuty: () => onDuty === 'there' });
    for (const who of ['here', 'there', 'here']) {
      onDuty = who;
      for (const executor of [here, there]) executor.dutyChanged();
      await Promise.all([here.idle(), there.idle()]);
      calls.length = 0;
      const tripId = `on-duty-${randomUUID()}`;
      await agency.begin(journey, tripId);
      await agency.ended('journey', tripId);
      expect(new Set(calls)).toEqual(new Set([who]));
    }
  });

  it(`get every saga to its end when any call may fail or lose its reply (SEED=${seed})`, async () => {
    const chance = new Chance(seed);
    const mishap = async (): Promise<void> => {
      const drawn = chance.next();
      if (drawn < 0.1) throw new Unavailable('Away for a moment.');
      if (drawn < 0.2) throw new MaybeExecuted('The reply was lost.');
      if (drawn < 0.25) throw new Error('A defect.');
    };
    const isFull = (tripId: string) => tripId.endsWith('7') || tripId.endsWith('3');
    Object.assign(agency.weather, { beforeCall: mishap, afterCall: mishap, beforeLocal: mishap, isFull });
    const trips = Array.from({ length: 40 }, (_, i) => `stormy-${i}`);
    await agency.executor({ definitions });
    await agency.executor({ definitions, through: elsewhere() });
    await Promise.all(trips.map((tripId) => agency.begin(journey, tripId)));
    for (const tripId of trips) {
      await agency.ended('journey', tripId);
      expect({ seed, tripId, ledgers: await agency.ledgers(tripId) }).toEqual({ seed, tripId, ledgers: isFull(tripId) ? turnedBack : happy(tripId) });
    }
  });
});

describe('executors whose connections are cut again and again', () => {
  it('get every saga to its end, with every effect once', async () => {
    const admin = new Client({ connectionString: agency.adminUrl });
    await admin.connect();
    const cut = () => admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`);
    const isFull = (tripId: string) => tripId.endsWith('7');
    agency.weather.isFull = isFull;
    await agency.executor({ definitions, settings: { leaseMs: 500 } });
    await agency.executor({ definitions, settings: { leaseMs: 500 }, through: elsewhere() });
    const trips = Array.from({ length: 30 }, (_, i) => `cut-${i}`);
    for (const tripId of trips) {
      await stubbornly(() => agency.begin(journey, tripId));
      if (tripId.endsWith('0') || tripId.endsWith('5')) await cut();
    }
    for (const tripId of trips) {
      await stubbornly(() => agency.ended('journey', tripId));
      expect({ tripId, ledgers: await agency.ledgers(tripId) }).toEqual({ tripId, ledgers: isFull(tripId) ? turnedBack : happy(tripId) });
    }
    await admin.end();
  });

  /** A connection that was cut fails whoever used it; the next one is fine. */
  async function stubbornly<T>(work: () => Promise<T>): Promise<T> {
    for (let left = 10; ; left -= 1) {
      try {
        return await work();
      } catch (error) {
        if (left === 0) throw error;
      }
    }
  }
});

describe('an executor that has lost its claim without knowing', () => {
  it('writes no checkpoint any more: who holds the claim decides', async () => {
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => { goOn = resolve; });
    let isFirst = true;
    let hasArrived = false;
    agency.weather.afterCall = async (operation) => {
      if (operation !== 'flights.book' || !isFirst) return;
      isFirst = false;
      hasArrived = true;
      await held;
    };
    const zombie = await agency.executor({ definitions, settings: { pollMs: 600_000, attemptMs: 60_000, leaseMs: 600_000 } });
    await agency.begin(journey, 'zombie');
    await agency.until('journey', 'zombie', () => hasArrived);
    await agency.trips.query(`UPDATE saga SET due_at = clock_timestamp() WHERE id = 'zombie'`);
    await agency.executor({ definitions, through: elsewhere() });
    const story = await agency.ended('journey', 'zombie');
    goOn();
    await zombie.stop();
    expect(await agency.sagas.story('journey', 'zombie')).toEqual(story);
    expect(await agency.ledgers('zombie')).toEqual(happy('zombie'));
  });

  it('rolls its local step back', async () => {
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => { goOn = resolve; });
    let isFirst = true;
    agency.weather.beforeLocal = async (effect) => {
      if (effect !== 'confirmed' || !isFirst) return;
      isFirst = false;
      await held;
    };
    const zombie = await agency.executor({ definitions, settings: { pollMs: 600_000, leaseMs: 600_000 } });
    await agency.begin(journey, 'undead');
    await agency.until('journey', 'undead', () => !isFirst);
    await agency.trips.query(`UPDATE saga SET due_at = clock_timestamp() WHERE id = 'undead'`);
    await agency.executor({ definitions, through: elsewhere() });
    await agency.ended('journey', 'undead');
    goOn();
    await zombie.stop();
    expect(await agency.ledgers('undead')).toEqual(happy('undead'));
  });

  it('keeps a claim that it renews in time, however long a call takes', async () => {
    let calls = 0;
    agency.weather.beforeCall = async (operation) => {
      if (operation !== 'hotels.book') return;
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 400));
    };
    await agency.executor({ definitions, settings: { leaseMs: 150 } });
    await agency.executor({ definitions, settings: { leaseMs: 150 }, through: elsewhere() });
    await agency.begin(journey, 'patient');
    const story = await agency.ended('journey', 'patient');
    expect(calls).toBe(1);
    expect(story.steps.map((it) => it.attempts)).toEqual([1, 1, 1, 1, 1]);
  });
});

describe('an executor that is stopped', () => {
  it('finishes the step under way and gives its claims back', async () => {
    let hasArrived = false;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => { goOn = resolve; });
    agency.weather.beforeCall = async (operation) => {
      if (operation !== 'hotels.book') return;
      hasArrived = true;
      await held;
    };
    const first = await agency.executor({ definitions, settings: { leaseMs: 600_000 } });
    await agency.begin(journey, 'handover');
    await agency.until('journey', 'handover', () => hasArrived);
    const stopped = first.stop();
    goOn();
    await stopped;
    expect(await agency.sagas.story('journey', 'handover')).toMatchObject({ step: 'confirm', attempts: 0 });
    await agency.executor({ definitions, through: elsewhere() });
    await agency.ended('journey', 'handover');
    expect(await agency.ledgers('handover')).toEqual(happy('handover'));
  });

  it('can be started again', async () => {
    const executor = await agency.executor({ definitions });
    await executor.stop();
    await agency.begin(journey, 'again');
    executor.start();
    expect(await agency.ended('journey', 'again')).toMatchObject({ status: 'done' });
  });
});

describe('versions of a definition', () => {
  it('leaves sagas alone that this build does not know, and finishes them where they are known', async () => {
    const newer = { ...journey, version: 2 };
    const older = await agency.executor({ definitions: [journey] });
    await agency.begin(newer, 'of-tomorrow');
    await agency.begin(journey, 'of-today');
    await agency.ended('journey', 'of-today');
    await older.idle();
    expect(await agency.sagas.story('journey', 'of-tomorrow')).toMatchObject({ version: 2, step: 'book-flight', attempts: 0, steps: [] });
    await agency.executor({ definitions: [journey, newer], through: elsewhere() });
    await agency.ended('journey', 'of-tomorrow');
    expect(await agency.ledgers('of-tomorrow')).toEqual(happy('of-tomorrow'));
  });

  it('shows a saga whose definition was changed under its version instead of losing it', async () => {
    await agency.begin(journey, 'changed');
    await agency.executor({ definitions: [{ ...journey, steps: journey.steps.slice(1) }], settings: { attemptsBeforeOperator: 2 } });
    const story = await agency.until('journey', 'changed', (it) => it.lastError !== null);
    expect(story.lastError).toContain('Declare a changed saga as a new version');
  });

  it('refuses two definitions of the same name and version', async () => {
    await expect(agency.executor({ definitions: [journey, journey] })).rejects.toThrow('two sagas with the same name and version');
  });
});
