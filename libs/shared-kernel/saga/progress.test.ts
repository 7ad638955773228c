import { describe, expect, it } from '@jest/globals';
import { defineSaga } from './define-saga.js';
import { after, beginning, mayTurnBack, taskAt } from './progress.js';
import { call, local, pivot, undo } from './steps.js';
import { flights, hotels, journeyState } from './test/words.js';

class Confirm {
  async run(): Promise<void> {}
}
class Reject {
  async run(): Promise<void> {}
}

const input = ({ tripId }: { tripId: string }) => ({ tripId });
const steps = [
  call('book-flight', flights.commands.book, { input, compensate: undo(flights.commands.cancel, input) }),
  call('look-around', flights.commands.cancel, { input }),
  call('book-room', hotels.commands.book, { input, timeout: '5s', compensate: undo(hotels.commands.cancel, input) }),
  pivot(local<{ tripId: string }>('confirm', Confirm)),
  call('write-card', hotels.commands.cancel, { input }),
];
const state = journeyState.pick({ tripId: true });
const journey = defineSaga('journey', 1, state, { steps, failed: Reject });

const at = (step: string) => ({ status: 'running', step }) as const;
const back = (step: string) => ({ status: 'compensating', step }) as const;

describe('a saga that goes well', () => {
  it('goes from step to step to its end', () => {
    const path = [beginning(journey)];
    for (let here = path[0]; here && here.step !== null && here.status === 'running';) {
      here = after(journey, here, 'done', 1);
      path.push(here);
    }
    expect(path.map((it) => `${it.status} ${it.step}`)).toEqual([
      'running book-flight', 'running look-around', 'running book-room', 'running confirm', 'running write-card', 'done null',
    ]);
  });

  it('has a deadline for each step up to the pivot, and none after it', () => {
    expect(after(journey, at('look-around'), 'done', 1).timeoutMs).toBe(5_000);
    expect(after(journey, at('confirm'), 'done', 1).timeoutMs).toBeNull();
  });
});

describe('a saga that turns back', () => {
  it('takes back what was done before a refusal, in reverse, over steps that need nothing', () => {
    expect(after(journey, at('confirm'), 'refused', 1)).toMatchObject(back('book-room'));
    expect(after(journey, back('book-room'), 'undone', 1)).toMatchObject(back('book-flight'));
    expect(after(journey, back('book-flight'), 'undone', 1)).toMatchObject(back('failed'));
    expect(after(journey, back('failed'), 'undone', 1)).toMatchObject({ status: 'compensated', step: null });
  });

  it('does not take a refused step back, but takes back one that timed out: it may have happened', () => {
    expect(after(journey, at('book-room'), 'refused', 1)).toMatchObject(back('book-flight'));
    expect(after(journey, at('book-room'), 'timed-out', 1)).toMatchObject(back('book-room'));
  });

  it('takes a refused call back as well after an attempt without an answer, but not a local step: that one is certain', () => {
    expect(after(journey, at('book-room'), 'refused', 2)).toMatchObject(back('book-room'));
    expect(after(journey, at('confirm'), 'refused', 2)).toMatchObject(back('book-room'));
    const withUndo = defineSaga('journey', 1, state, { steps: [local<{ tripId: string }>('note', Confirm, { compensate: Confirm })] });
    expect(after(withUndo, at('note'), 'refused', 2)).toMatchObject({ status: 'compensated' });
    expect(after(withUndo, at('note'), 'timed-out', 2)).toMatchObject(back('note'));
  });

  it('ends at once when nothing was done and nobody wants to know', () => {
    const silent = defineSaga('journey', 1, state, { steps });
    expect(after(silent, at('book-flight'), 'refused', 1)).toMatchObject({ status: 'compensated', step: null });
  });

  it('may do so up to the pivot, not beyond, not twice, and never when it only goes forward', () => {
    const forward = defineSaga('forward', 1, state, { forwardOnly: true, steps: [call('write-card', hotels.commands.cancel, { input })] });
    expect(['book-flight', 'confirm', 'write-card'].map((step) => mayTurnBack(journey, at(step)))).toEqual([true, true, false]);
    expect(mayTurnBack(journey, back('book-room'))).toBe(false);
    expect(mayTurnBack(forward, at('write-card'))).toBe(false);
  });
});

describe('the task at a position', () => {
  it('is the step, its compensation, or the last transaction', () => {
    expect(taskAt(journey, at('confirm'))).toMatchObject({ is: 'do', step: { name: 'confirm' } });
    expect(taskAt(journey, back('book-room'))).toMatchObject({ is: 'undo', command: { command: { name: 'hotels.cancel' } } });
    expect(taskAt(journey, back('failed'))).toEqual({ is: 'undo-local', handler: Reject });
  });

  it('is unknown when the declaration was changed under its version', () => {
    expect(() => taskAt(journey, at('rent-car'))).toThrow('Declare a changed saga as a new version');
    expect(() => taskAt(journey, back('look-around'))).toThrow('has no compensation any more');
  });
});
