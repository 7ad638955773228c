import { describe, expect, it } from '@jest/globals';
import { formatDuration, Screen } from './screen.js';

describe('Screen', () => {
  it('keeps one line of progress under what is said, on a terminal', () => {
    const written: string[] = [];
    const screen = new Screen({ write: (text: string) => written.push(text), isTTY: true, columns: 40 });
    const task = screen.begin('documents', 1_000);
    task.done = 500;
    screen.say('The shop is back.');
    task.end();
    screen.say('Done.');
    expect(written).toEqual([
      '\r\x1b[2K',
      'The shop is back.\n',
      expect.stringContaining('documents  ██████░░░░░░ 500/1,000'),
      '\r\x1b[2K',
      'Done.\n',
    ]);
    expect(written[2]?.length).toBeLessThanOrEqual('\r\x1b[2K'.length + 39);
  });

  it('writes plain lines elsewhere', () => {
    const written: string[] = [];
    const screen = new Screen({ write: (text: string) => written.push(text) });
    const task = screen.begin('documents', 10);
    screen.say('Hello.');
    task.end();
    expect(written).toEqual(['Hello.\n']);
  });

  it('counts a step as in flight, then as done, and a failed one as neither', async () => {
    const task = new Screen({ write: () => true }).begin('documents', 2);
    await task.step(() => Promise.resolve(expect(task.inFlight).toBe(1)));
    await expect(task.step(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(task).toMatchObject({ done: 1, inFlight: 0 });
    expect(task.describe()).toMatch(/^documents {2}1\/2 · /);
    task.end();
  });
});

describe('formatDuration', () => {
  it.each([
    [0.4, '0 s'],
    [48, '48 s'],
    [187, '3 min 07 s'],
    [3_725, '1 h 02 min'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});
