import { describe, expect, it } from '@jest/globals';
import { nextPause } from './pause.js';
import { defaultSagaSettings } from './settings.js';

const settings = { ...defaultSagaSettings, firstPauseMs: 100, longestPauseMs: 5_000 };

describe('the pause between attempts', () => {
  it('grows up to the longest one, whatever chance says', () => {
    let pause = 0;
    for (let attempt = 0; attempt < 10; attempt += 1) pause = nextPause(pause, settings, () => 0.999);
    expect(pause).toBe(5_000);
  });

  it('is never shorter than the first one', () => {
    expect(nextPause(0, settings, () => 0)).toBe(100);
    expect(nextPause(4_000, settings, () => 0)).toBe(100);
  });

  it('differs between sagas that failed together', () => {
    expect(new Set(Array.from({ length: 50 }, () => nextPause(3_000, settings))).size).toBeGreaterThan(10);
  });
});
