import { describe, expect, it } from '@jest/globals';
import { defineSaga } from './define-saga.js';
import type { Duration } from './duration.js';
import { milliseconds } from './duration.js';
import type { FailedSaga } from './step.js';
import { call, local, pivot, undo } from './steps.js';
import { flights, hotels, journeyState } from './test/words.js';

const told: string[] = [];
class Confirm {
  async run({ tripId }: { tripId: string }): Promise<void> {
    told.push(tripId);
  }
}
class Reject {
  async run({ tripId }: { tripId: string }, { reason }: FailedSaga): Promise<void> {
    told.push(tripId, reason.code);
  }
}
class NeedsMore {
  async run({ price }: { tripId: string; price: number }): Promise<void> {
    told.push(`${price}`);
  }
}

const bookFlight = call('book-flight', flights.commands.book, {
  input: ({ tripId }: { tripId: string }) => ({ tripId }),
  compensate: undo(flights.commands.cancel, ({ tripId }: { tripId: string }) => ({ tripId })),
});
const confirm = (name: string) => local<{ tripId: string }>(name, Confirm);

describe('a saga file', () => {
  it('knows the state and the replies without being told their types', () => {
    const journey = defineSaga('journey', 1, journeyState, {
      steps: [
        call('book-flight', flights.commands.book, {
          input: ({ tripId }) => ({ tripId }),
          keep: (state, { seat }) => ({ ...state, seat }),
          compensate: undo(flights.commands.cancel, ({ tripId }) => ({ tripId })),
        }),
        call('book-room', hotels.commands.book, {
          input: ({ tripId }) => ({ tripId }),
          timeout: '5s',
          refuseIf: (reply) => (reply.is === 'full' ? { code: 'full', message: 'No room.' } : undefined),
        }),
        pivot(local('confirm', Confirm)),
      ],
      failed: Reject,
    });
    expect(journey.steps.map((it) => [it.name, it.timeoutMs])).toEqual([['book-flight', 60_000], ['book-room', 5_000], ['confirm', 60_000]]);
    expect(journey.commands.map((it) => it.name)).toEqual(['flights.book', 'flights.cancel', 'hotels.book']);
  });

  it('does not compile when something asks for more than the state has', () => {
    const wrong = defineSaga('journey', 1, journeyState, {
      steps: [
        // @ts-expect-error -- the state has no price
        call('book-flight', flights.commands.book, { input: ({ price }) => ({ tripId: price }) }),
        // @ts-expect-error -- the command wants a tripId
        call('book-room', hotels.commands.book, { input: () => ({}) }),
        // @ts-expect-error -- the state has no price
        local('confirm', NeedsMore),
        // @ts-expect-error -- only a local step can be the pivot
        pivot(call('cancel', flights.commands.cancel, { input: ({ tripId }) => ({ tripId }) })),
      ],
      // @ts-expect-error -- the state has no price
      failed: NeedsMore,
    });
    expect(wrong.steps).toHaveLength(4);
  });
});

describe('a declaration that cannot work', () => {
  const declare = (plan: Parameters<typeof defineSaga<{ tripId: string }>>[3]) => () => defineSaga('journey', 1, journeyState.pick({ tripId: true }), plan);

  it.each([
    ['has no steps', { steps: [] }, 'It has no steps.'],
    ['names a step twice', { steps: [confirm('confirm'), confirm('confirm')] }, 'Two steps are called "confirm"'],
    ['takes the name of the last transaction', { steps: [confirm('failed')] }, 'No step may be called "failed"'],
    ['takes the name of a compensation', { steps: [confirm('undo-it')] }, '"undo-it" is no name for a step'],
    ['has two pivots', { steps: [pivot(confirm('a')), pivot(confirm('b'))] }, 'It has 2 pivots'],
    ['compensates after the pivot', { steps: [pivot(confirm('a')), bookFlight] }, '"book-flight" has a compensation'],
    ['only goes forward and compensates', { forwardOnly: true, steps: [bookFlight] }, '"book-flight" has a compensation'],
    ['only goes forward and can fail', { forwardOnly: true, steps: [confirm('a')], failed: Reject }, 'its failed handler would never run'],
  ])('says so when it %s', (_, plan, complaint) => {
    expect(declare(plan)).toThrow(complaint);
  });
});

describe('a duration', () => {
  it.each([['500ms', 500], ['30s', 30_000], ['2m', 120_000], ['1.5h', 5_400_000], ['1d', 86_400_000]] as const)('%s is %d ms', (duration, ms) => {
    expect(milliseconds(duration)).toBe(ms);
  });

  it.each(['0s', '-1s', '1 s', 's'])('%s is none', (duration) => {
    expect(() => milliseconds(duration as Duration)).toThrow('is not a duration');
  });
});
