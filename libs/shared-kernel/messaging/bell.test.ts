import { describe, expect, it } from '@jest/globals';
import { Bell } from './bell.js';

describe('the bell', () => {
  it('keeps one ring for whoever sleeps next, however often it was rung', async () => {
    const bell = new Bell();
    bell.ring();
    bell.ring();
    await bell.wait(60_000);
    expect(await isOver(bell.wait(60_000))).toBe(false);
    bell.close();
  });

  it('does not end a pause with a ring', async () => {
    const bell = new Bell();
    const pause = bell.pause(50);
    bell.ring();
    expect(await isOver(pause)).toBe(false);
    await pause;
  });

  it('ends every sleep when it closes', async () => {
    const bell = new Bell();
    const sleeps = [bell.wait(60_000), bell.pause(60_000)];
    bell.close();
    await Promise.all([...sleeps, bell.wait(60_000), bell.pause(60_000)]);
    expect(bell.closed).toBe(true);
  });
});

/** Has the sleep ended by now, without any time passing? */
async function isOver(sleep: Promise<void>): Promise<boolean> {
  const later = new Promise<boolean>((resolve) => { setImmediate(() => resolve(false)); });
  return Promise.race([sleep.then(() => true), later]);
}
