import { describe, expect, it } from '@jest/globals';
import { inFlight } from './in-flight.js';

const never = new AbortController().signal;
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe('inFlight', () => {
  it('works on all items, never on more than so many at once, and reads no further ahead', async () => {
    let reading = 0;
    let done = 0;
    let most = 0;
    async function* source() {
      for (const number of numbers(50)) {
        reading += 1;
        yield number;
      }
    }
    await inFlight(source(), 4, never, async () => {
      most = Math.max(most, reading - done);
      await soon();
      done += 1;
    });
    expect({ done, most }).toEqual({ done: 50, most: 4 });
  });

  it('takes nothing new after an error, finishes what is in hand, and throws it', async () => {
    const finished: number[] = [];
    const work = async (number: number): Promise<void> => {
      await soon();
      if (number === 5) throw new Error('five');
      finished.push(number);
    };
    await expect(inFlight(numbers(50), 3, never, work)).rejects.toThrow('five');
    expect(finished).toEqual(expect.arrayContaining([0, 1, 2, 3, 4]));
    expect(finished.length).toBeLessThan(9);
  });

  it('stops when asked to', async () => {
    const stop = new AbortController();
    let done = 0;
    const work = async (number: number): Promise<void> => {
      if (number === 10) stop.abort();
      await soon();
      done += 1;
    };
    await expect(inFlight(numbers(50), 3, stop.signal, work)).rejects.toMatchObject({ name: 'Stopped' });
    expect(done).toBeLessThan(15);
  });
});
