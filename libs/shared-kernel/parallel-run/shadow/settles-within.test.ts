import { stat } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { settlesWithin } from './settles-within.js';

/** The process gets no turn, as when it was stopped, or the machine was busy with others. */
function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('waiting for what may hang', () => {
  it('does not call late what was answered while nobody could listen', async () => {
    const answered = stat('.'); // its answer is there during the standstill, and is heard after the timers
    const verdict = settlesWithin(answered, 100);
    standStill(300);
    expect(await verdict).toBe(true);
  });

  it('ends where nothing comes', async () => {
    expect(await settlesWithin(new Promise(() => undefined), 40)).toBe(false);
  });

  it('takes a failure for an answer', async () => {
    expect(await settlesWithin(Promise.reject(new Error('no')), 10_000)).toBe(true);
  });
});
