import { describe, expect, it } from '@jest/globals';
import { OutageGate } from './outage-gate.js';
import { until } from './test/until.js';

describe('the outage gate', () => {
  it('stays open for one or two outages, closes at the third in a row', () => {
    const gate = new OutageGate(1_000);
    gate.missed('away', false);
    gate.missed('away', false);
    expect([gate.troubled, gate.paused]).toEqual([true, undefined]);
    gate.missed('away', false);
    expect(gate.paused).toBe('away');
    gate.reached();
    expect([gate.troubled, gate.paused]).toEqual([false, undefined]);
  });

  it('closes at once when it is the context\'s own database, and opens when that answers', () => {
    const gate = new OutageGate(1_000);
    gate.missed('database', true);
    expect(gate.paused).toBe('database');
    gate.databaseAnswers();
    expect(gate.paused).toBeUndefined();
  });

  it('does not take an answer of the database for the return of something else', () => {
    const gate = new OutageGate(1_000);
    for (let miss = 0; miss < 3; miss += 1) gate.missed('mail server', false);
    gate.databaseAnswers();
    expect(gate.paused).toBe('mail server');
  });

  it('lets one worker in to probe, and all when the probe succeeds', async () => {
    const gate = new OutageGate(150);
    gate.missed('database', true);
    const inside: Array<() => void> = [];
    for (let worker = 0; worker < 3; worker += 1) void gate.enter().then((leave) => inside.push(leave));
    await until('a probe is let in', () => inside.length > 0);
    expect(inside).toHaveLength(1);
    gate.missed('database', true);
    inside.shift()?.();
    await until('the next probe is let in', () => inside.length > 0);
    expect(inside).toHaveLength(1);
    gate.reached();
    inside.shift()?.();
    await until('the others are in', () => inside.length === 1);
    gate.close();
  });

  it('keeps nobody waiting once it is closed for good', async () => {
    const gate = new OutageGate(60_000);
    gate.missed('database', true);
    const entered = gate.enter();
    gate.close();
    await expect(entered).resolves.toBeInstanceOf(Function);
  });
});
