import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Unavailable } from '../../contract/index.js';
import type { SagaDefinition } from '../index.js';
import { Agency } from './agency.js';
import { Fuse } from './fuse.js';
import { happy, hastyJourney, journey, turnedBack } from './journey.js';
import type { Journey } from './words.js';

type Ledgers = Awaited<ReturnType<Agency['ledgers']>>;

let agency: Agency;
beforeAll(async () => { agency = await Agency.open(); });
afterEach(() => agency.calm());
afterAll(() => agency.close());

/** Lets one executor die at the point and another one finish. Answers whether it lived long enough to die. */
async function dieAt(point: number, definition: SagaDefinition<Journey>, tripId: string): Promise<boolean> {
  const fuse = new Fuse(point);
  const doomed = await agency.executor({ definitions: [definition], through: fuse, settings: { leaseMs: 80, pollMs: 600_000 } });
  await agency.begin(definition, tripId);
  await agency.until(definition.name, tripId, (story) => fuse.isBlown || story.endedAt !== null);
  await doomed.stop();
  const heir = await agency.executor({ definitions: [definition], settings: { pollMs: 10 } });
  await agency.ended(definition.name, tripId);
  await heir.stop();
  return fuse.isBlown;
}

/** Dies at every point there is, and looks at the ledgers each time. Answers how many points there were. */
async function dieEverywhere(definition: SagaDefinition<Journey>, expected: (tripId: string, ledgers: Ledgers) => unknown): Promise<number> {
  for (let point = 1; ; point += 1) {
    const tripId = `${definition.name}-${point}`;
    const hasDied = await dieAt(point, definition, tripId);
    const ledgers = await agency.ledgers(tripId);
    expect({ point, ledgers }).toEqual({ point, ledgers: expected(tripId, ledgers) });
    if (!hasDied) return point;
  }
}

describe('a crash at any point', () => {
  it('of a saga that goes well: another executor finishes it, and everything happened once', async () => {
    expect(await dieEverywhere(journey, happy)).toBeGreaterThan(25);
  });

  it('of a saga that is refused: another executor takes everything back, once', async () => {
    agency.weather.isFull = () => true;
    const refused = { ...journey, name: 'refused' };
    expect(await dieEverywhere(refused, () => turnedBack)).toBeGreaterThan(20);
  });

  it('of a saga whose step times out: what may have happened is taken back, once', async () => {
    agency.weather.afterCall = async (operation) => {
      if (operation === 'hotels.book') throw new Unavailable('The reply was lost.');
    };
    let booked = 0;
    const points = await dieEverywhere(hastyJourney('40ms'), (_tripId, { hotels }) => {
      // Who dies before the room is booked may leave no time to try again; then there is nothing to take back.
      if (hotels.length > 0) booked += 1;
      return { trips: ['rejected: step-timed-out at book-room'], flights: ['booked', 'cancelled'], hotels: hotels.length > 0 ? ['booked', 'cancelled'] : [] };
    });
    expect(points).toBeGreaterThan(20);
    expect(booked).toBeGreaterThan(0);
  });
});

describe('a process that was away for longer than a step may take', () => {
  it('goes on with the step when it comes back, rather than giving up what nobody has tried', async () => {
    const hasty = hastyJourney('20ms');
    const fuse = new Fuse(Infinity);
    agency.weather.beforeCall = async (operation) => {
      if (operation === 'hotels.book') fuse.blow();
    };
    const doomed = await agency.executor({ definitions: [hasty], through: fuse, settings: { leaseMs: 120 } });
    await agency.begin(hasty, 'away');
    await agency.until('hasty', 'away', () => fuse.isBlown);
    await doomed.stop();
    agency.weather.beforeCall = async () => undefined;
    await agency.until('hasty', 'away', (story) => story.dueAt < new Date());
    await agency.executor({ definitions: [hasty] });
    expect(await agency.ended('hasty', 'away')).toMatchObject({ status: 'done' });
  });

  it('gives a step up that has killed the process again and again', async () => {
    const hasty = hastyJourney('20ms');
    for (let life = 1; life <= 4; life += 1) {
      const fuse = new Fuse(Infinity);
      agency.weather.beforeCall = async (operation) => {
        if (operation === 'hotels.book') fuse.blow();
      };
      const doomed = await agency.executor({ definitions: [hasty], through: fuse, settings: { leaseMs: 60 } });
      if (life === 1) await agency.begin(hasty, 'killer');
      await agency.until('hasty', 'killer', (story) => fuse.isBlown || story.endedAt !== null);
      await doomed.stop();
    }
    agency.weather.beforeCall = async () => undefined;
    await agency.executor({ definitions: [hasty] });
    expect(await agency.ended('hasty', 'killer')).toMatchObject({ status: 'compensated', reason: { code: 'step-timed-out', step: 'book-room' } });
  });
});
