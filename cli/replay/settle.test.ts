import { describe, expect, it } from '@jest/globals';
import { untilNonePending, untilSettled } from './settle.js';

const timing = { pollMs: 1, settleMs: 60_000, deadlineMs: 60_000, patienceMs: 60_000 };
const patience = { rest: () => Promise.resolve() };

function script<T>(...answers: T[]): { look: () => Promise<T>; left: T[] } {
  const left = [...answers];
  return {
    left,
    look: () => {
      const next = left.shift();
      if (next === undefined) throw new Error('looked once too often');
      return Promise.resolve(next);
    },
  };
}

describe('untilSettled', () => {
  it('looks again while there are differences, and stops at the first look without any', async () => {
    const { look, left } = script(['day 1', 'day 2'], ['day 2'], ['day 2'], []);
    expect(await untilSettled(look, timing, patience)).toEqual([]);
    expect(left).toEqual([]);
  });

  it('gives back differences that stand still', async () => {
    expect(await untilSettled(() => Promise.resolve(['a penny']), { ...timing, settleMs: 5 }, patience)).toEqual(['a penny']);
  });

  it('ends at the deadline although the differences keep moving', async () => {
    let count = 0;
    const look = () => Promise.resolve([`${(count += 1)} off`]);
    expect(await untilSettled(look, { ...timing, deadlineMs: 5 }, patience)).toEqual([`${count} off`]);
  });
});

describe('untilNonePending', () => {
  it('waits for the last one', async () => {
    const { look } = script(3, 3, 1, 0);
    expect(await untilNonePending(look, timing, patience)).toBe(0);
  });

  it('gives up on those that are stuck', async () => {
    expect(await untilNonePending(() => Promise.resolve(2), { ...timing, patienceMs: 5 }, patience)).toBe(2);
  });
});
