import { describe, expect, it } from '@jest/globals';
import { DeadlineExceeded, InvalidInput, MaybeExecuted, Unavailable } from '../contract/index.js';
import { ConflictRetry, DatabaseAway } from '../persistence/index.js';
import { OutOfTime, Unreadable, describe as describeError, longerDelay, verdictOn } from './retry.js';

describe('the delay between tries', () => {
  it('grows from the first to the longest, never outside of them, and differs from one event to the next', () => {
    const last = new Set<number>();
    for (let event = 0; event < 50; event += 1) {
      let delay = 0;
      for (let attempt = 0; attempt < 30; attempt += 1) {
        const next = longerDelay(delay, 100, 5_000);
        expect(next).toBeGreaterThanOrEqual(100);
        expect(next).toBeLessThanOrEqual(Math.min(5_000, Math.max(delay, 100) * 3));
        delay = next;
      }
      last.add(delay);
    }
    expect(last.size).toBeGreaterThan(10);
  });
});

describe('the verdict on an error', () => {
  it.each([
    ['unreadable', new Unreadable('no such version')],
    ['conflict', new ConflictRetry('deadlock')],
    ['outage', new DatabaseAway('gone')],
    ['outage', new Unavailable('breaker open')],
    ['outage', new DeadlineExceeded('a dependency did not answer')],
    ['outage', new MaybeExecuted('no answer')],
    ['outage', new Error('could not load', { cause: new DatabaseAway('gone') })],
    ['failed', new OutOfTime('30 s', { cause: new DeadlineExceeded('too late') })],
    ['failed', new InvalidInput('a handler\'s own')],
    ['failed', new Error('a defect')],
    ['failed', 'not even an error'],
    ['failed', undefined],
  ] as const)('is "%s" for %s', (verdict, error) => {
    expect(verdictOn(error)).toBe(verdict);
  });
});

describe('the description of an error', () => {
  it('tells equal failures from different ones by the digest of where they come from', () => {
    const here = () => new Error('one');
    const [a, b] = [1, 2].map(() => describeError(here()));
    expect(a).toBe(b);
    expect(a).toMatch(/^Error: one \[stack [0-9a-f]{12}\]$/);
    expect(describeError(new Error('one'))).not.toBe(a);
  });

  it('can be stored whatever the message holds', () => {
    expect(describeError(new Error('a\0b'))).toMatch(/^Error: ab \[/);
    expect(describeError('x'.repeat(9_000)).length).toBeLessThan(600);
  });
});
