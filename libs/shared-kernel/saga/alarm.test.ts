import { describe, expect, it } from '@jest/globals';
import { Alarm } from './alarm.js';

const LONG = 60_000;

/** Says whether the sleep was over when everything that is ready had its turn. */
async function isOver(sleep: Promise<void>): Promise<boolean> {
  return Promise.race([sleep.then(() => true), new Promise<boolean>((resolve) => { setImmediate(resolve, false); })]);
}

describe('an alarm', () => {
  it('ends the sleep when it rings', async () => {
    const alarm = new Alarm();
    const sleep = alarm.sleep(LONG);
    expect(await isOver(sleep)).toBe(false);
    alarm.ring();
    expect(await isOver(sleep)).toBe(true);
  });

  it('does not lose a ring that comes while nobody sleeps, and counts many as one', async () => {
    const alarm = new Alarm();
    alarm.ring();
    alarm.ring();
    expect(await isOver(alarm.sleep(LONG))).toBe(true);
    const second = alarm.sleep(LONG);
    expect(await isOver(second)).toBe(false);
    alarm.ring();
    await second;
  });

  it('lets sleep end by itself', async () => {
    await expect(new Alarm().sleep(1)).resolves.toBeUndefined();
  });
});
