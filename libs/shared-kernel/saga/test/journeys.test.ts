import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { BanyanError, NotFound, Unavailable } from '../../contract/index.js';
import type { Transport } from '../../rpc/index.js';
import { type Input, deadlineIn, requireInput, runInput } from '../../runtime/index.js';
import { call, defineSaga, local } from '../index.js';
import { Agency, Confirm } from './agency.js';
import { happy, hastyJourney, journey, turnedBack } from './journey.js';
import { TripClosed, flights, journeyState } from './words.js';

let agency: Agency;
beforeAll(async () => { agency = await Agency.open(); });
afterEach(() => agency.calm());
afterAll(() => agency.close());

const definitions = [journey];
const path = (steps: readonly { step: string; direction: string; outcome: string }[]) => steps.map((it) => `${it.direction} ${it.step}: ${it.outcome}`);

describe('a saga that goes well', () => {
  it('does every step once, in order, and remembers what it was told to keep', async () => {
    await agency.executor({ definitions });
    await agency.begin(journey, 'fine');
    const story = await agency.ended('journey', 'fine');
    expect(story).toMatchObject({ status: 'done', step: null, reason: null, needsOperator: false });
    expect(path(story.steps)).toEqual([
      'do book-flight: done', 'do book-room: done', 'do confirm: done', 'do issue-ticket: done', 'do archive: done',
    ]);
    expect(await agency.ledgers('fine')).toEqual(happy('fine'));
  });

  it('begins right after the commit, without waiting for a poll', async () => {
    const executor = await agency.executor({ definitions, settings: { pollMs: 600_000 } });
    await executor.idle();
    await agency.begin(journey, 'at-once');
    await executor.idle();
    expect(await agency.sagas.story('journey', 'at-once')).toMatchObject({ status: 'done' });
  });

  it('is one input per step, on behalf of who started it, with the trace and correlation of the start', async () => {
    const seen: Input[] = [];
    agency.weather.beforeCall = async () => { seen.push(requireInput()); };
    agency.weather.beforeLocal = async () => { seen.push(requireInput()); };
    await agency.executor({ definitions });
    await agency.begin(journey, 'traced');
    await agency.ended('journey', 'traced');
    expect(new Set(seen.map((it) => it.inputId)).size).toBe(5);
    expect(new Set(seen.map((it) => it.traceId)).size).toBe(1);
    for (const input of seen) expect(input).toMatchObject({ correlationId: 'correlation of traced', principal: { id: 'ann' }, context: 'trips' });
  });
});

describe('an executor', () => {
  it('inherits nothing from where it is started or woken: no deadline, nobody\'s name', async () => {
    const seen: Input[] = [];
    agency.weather.beforeCall = async () => { seen.push(requireInput()); };
    await runInput({ principal: { id: 'bob', roles: [] }, deadline: deadlineIn(20) }, async () => {
      await agency.executor({ definitions });
      await new Promise((resolve) => setTimeout(resolve, 30));
    });
    await agency.begin(journey, 'free');
    await agency.ended('journey', 'free');
    expect(new Set(seen.map((it) => it.principal?.id))).toEqual(new Set(['ann']));
    expect(await agency.ledgers('free')).toEqual(happy('free'));
  });
});

describe('the start of a saga', () => {
  it('belongs to a transaction', async () => {
    await expect(runInput({}, () => agency.sagas.start(journey, 'alone', { tripId: 'alone' }))).rejects.toThrow('outside of a transaction');
  });

  it('never happens when the transaction rolls back', async () => {
    const fails = runInput({}, () => agency.trips.transaction(async () => {
      await agency.sagas.start(journey, 'undone', { tripId: 'undone' });
      throw new Error('after all');
    }));
    await expect(fails).rejects.toThrow('after all');
    expect(await agency.sagas.story('journey', 'undone')).toBeUndefined();
  });

  it('happens once per id', async () => {
    expect(await agency.begin(journey, 'twice')).toBe(true);
    expect(await agency.begin(journey, 'twice')).toBe(false);
    await agency.executor({ definitions });
    await agency.ended('journey', 'twice');
    expect(await agency.ledgers('twice')).toEqual(happy('twice'));
  });
});

describe('a step that is refused', () => {
  it('by its reply, takes back what was done before it, and the last transaction knows why', async () => {
    agency.weather.isFull = () => true;
    await agency.executor({ definitions });
    await agency.begin(journey, 'full');
    const story = await agency.ended('journey', 'full');
    expect(story).toMatchObject({ status: 'compensated', reason: { step: 'book-room', code: 'hotel-full', message: 'There is no room left.' } });
    expect(path(story.steps)).toEqual(['do book-flight: done', 'do book-room: refused', 'undo book-flight: undone', 'undo failed: undone']);
    expect(await agency.ledgers('full')).toEqual(turnedBack);
  });

  it('by a catalogued error of another context, is not tried again', async () => {
    let calls = 0;
    agency.weather.beforeCall = async (operation) => {
      if (operation !== 'hotels.book') return;
      calls += 1;
      throw new NotFound('There is no such hotel.');
    };
    await agency.executor({ definitions });
    await agency.begin(journey, 'lost');
    expect(await agency.ended('journey', 'lost')).toMatchObject({ status: 'compensated', reason: { code: 'not-found', step: 'book-room' } });
    expect(calls).toBe(1);
  });

  it('after an attempt without an answer, is taken back like the others: that attempt may still arrive', async () => {
    const order: string[] = [];
    let isFirst = true;
    agency.weather.isFull = () => true;
    agency.weather.beforeCall = async (operation) => {
      order.push(operation);
      if (operation !== 'hotels.book' || !isFirst) return;
      isFirst = false;
      throw new Unavailable('Nobody knows.');
    };
    await agency.executor({ definitions });
    await agency.begin(journey, 'unsure');
    await agency.ended('journey', 'unsure');
    expect(order).toEqual(['flights.book', 'hotels.book', 'hotels.book', 'hotels.cancel', 'flights.cancel']);
    expect(await agency.ledgers('unsure')).toEqual(turnedBack);
  });

  it('by a local step, leaves nothing of that step behind, and takes all back in reverse', async () => {
    const order: string[] = [];
    agency.weather.beforeCall = async (operation) => { order.push(operation); };
    agency.weather.beforeLocal = async (effect, tripId) => {
      if (effect !== 'confirmed') return;
      await agency.trips.query(`INSERT INTO ledger (trip_id, effect) VALUES ($1, 'half done')`, [tripId]);
      throw new TripClosed('The customer was quicker.');
    };
    await agency.executor({ definitions });
    await agency.begin(journey, 'closed');
    await agency.ended('journey', 'closed');
    expect(order).toEqual(['flights.book', 'hotels.book', 'hotels.cancel', 'flights.cancel']);
    expect(await agency.ledgers('closed')).toEqual({
      trips: ['rejected: trip-closed at confirm'], flights: ['booked', 'cancelled'], hotels: ['booked', 'cancelled'],
    });
  });
});

describe('a step of which it is unknown what happened', () => {
  it('is tried again with the same key until it is known', async () => {
    let failures = 0;
    agency.weather.afterCall = async (operation) => {
      if (operation === 'flights.book' && failures < 3) {
        failures += 1;
        throw failures === 2 ? new Error('a defect') : new Unavailable('The reply was lost.');
      }
    };
    await agency.executor({ definitions });
    await agency.begin(journey, 'shaky');
    const story = await agency.ended('journey', 'shaky');
    expect(story.steps[0]).toMatchObject({ step: 'book-flight', outcome: 'done', attempts: 4 });
    expect(await agency.ledgers('shaky')).toEqual(happy('shaky'));
  });

  it('is given up at its timeout, and taken back as well: it may have happened', async () => {
    agency.weather.afterCall = async (operation) => {
      if (operation === 'hotels.book') throw new Unavailable('The reply was lost.');
    };
    const hasty = hastyJourney('200ms');
    await agency.executor({ definitions: [hasty] });
    await agency.begin(hasty, 'slow');
    const story = await agency.ended('hasty', 'slow');
    const reason = { step: 'book-room', code: 'step-timed-out', message: '"book-room" did not come to an end in time.' };
    expect(story).toMatchObject({ status: 'compensated', reason });
    expect(path(story.steps)).toEqual([
      'do book-flight: done', 'do book-room: timed-out', 'undo book-room: undone', 'undo book-flight: undone', 'undo failed: undone',
    ]);
    expect(await agency.ledgers('slow')).toEqual({
      trips: ['rejected: step-timed-out at book-room'], flights: ['booked', 'cancelled'], hotels: ['booked', 'cancelled'],
    });
  });

  it('does not harm when it arrives after its compensation', async () => {
    let arrive = (): void => undefined;
    const arrival = new Promise<void>((resolve) => { arrive = resolve; });
    agency.weather.beforeCall = (operation) => (operation === 'hotels.book' ? arrival : Promise.resolve());
    const arrivals: Promise<unknown>[] = [];
    const transport = (real: Transport): Transport => ({
      send: (call) => {
        const sent = real.send(call);
        if (call.operation === 'hotels.book') arrivals.push(sent.catch((error: unknown) => error));
        return sent;
      },
    });
    const hasty = hastyJourney('200ms');
    await agency.executor({ definitions: [hasty], settings: { attemptMs: 50 }, through: { database: (it) => it, transport } });
    await agency.begin(hasty, 'late');
    await agency.ended('hasty', 'late');
    arrive();
    for (const arrived of await Promise.all(arrivals)) expect(arrived).toMatchObject({ code: expect.stringMatching(/^(?:trip-closed|deadline-exceeded)$/) });
    expect((await agency.ledgers('late')).hotels).toEqual([]);
    expect((await agency.ledgers('late')).flights).toEqual(['booked', 'cancelled']);
  });
});

describe('a saga that cannot be given up', () => {
  const settings = { attemptsBeforeOperator: 3 };

  it('goes on after the pivot whatever the other side says, shows that it is stuck, and gets there in the end', async () => {
    let isBroken = true;
    agency.weather.beforeCall = async (operation) => {
      if (operation === 'flights.issue-ticket' && isBroken) throw new NotFound('There is no such seat.');
    };
    await agency.executor({ definitions, settings });
    await agency.begin(journey, 'stuck');
    const stuck = await agency.until('journey', 'stuck', (story) => story.needsOperator);
    expect(stuck).toMatchObject({ status: 'running', step: 'issue-ticket', lastError: 'not-found: There is no such seat.' });
    expect(await agency.sagas.figures()).toEqual([{ name: 'journey', running: 1, compensating: 0, needingOperator: 1, oldestSeconds: expect.any(Number) }]);
    isBroken = false;
    await agency.sagas.retryNow('journey', 'stuck');
    const story = await agency.ended('journey', 'stuck');
    expect(story).toMatchObject({ status: 'done', needsOperator: false, lastError: null });
    expect(await agency.ledgers('stuck')).toEqual(happy('stuck'));
  });

  it('goes on compensating until the other side gives in', async () => {
    let isBroken = true;
    agency.weather.isFull = () => true;
    agency.weather.beforeCall = async (operation) => {
      if (operation === 'flights.cancel' && isBroken) throw new BanyanError({ ...NotFound.definition, code: 'strike' }, 'Nobody works today.');
    };
    await agency.executor({ definitions, settings });
    await agency.begin(journey, 'strike');
    const stuck = await agency.until('journey', 'strike', (story) => story.needsOperator);
    expect(stuck).toMatchObject({ status: 'compensating', step: 'book-flight', reason: { code: 'hotel-full' } });
    isBroken = false;
    await agency.ended('journey', 'strike');
    expect(await agency.ledgers('strike')).toEqual(turnedBack);
  });

  it('never turns back when it only goes forward', async () => {
    const forward = defineSaga('forward', 1, journeyState, {
      forwardOnly: true,
      steps: [call('book-flight', flights.commands.book, { input: ({ tripId }) => ({ tripId }), timeout: '1ms' }), local('confirm', Confirm)],
    });
    let failures = 0;
    agency.weather.beforeLocal = async () => {
      failures += 1;
      if (failures < 4) throw new TripClosed('Not yet.');
    };
    await agency.executor({ definitions: [forward], settings });
    await agency.begin(forward, 'onwards');
    expect(await agency.ended('forward', 'onwards')).toMatchObject({ status: 'done', reason: null });
  });
});
