import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type Stretch, worsened } from './verdict.js';

const run = promisify(execFile);
const stretch = (changes: Partial<Stretch> = {}): Stretch => ({ perSecond: 1_000, outboxBytes: 100_000_000, inboxBytes: 200_000_000, deadRows: 0, ...changes });

describe('a soak', () => {
  it('counts what went through, and what arrived in order', async () => {
    const { stdout } = await run(process.execPath, ['--enable-source-maps', 'dist/cli/proofs/main.js', 'soak', 'outbox', '--events', '5000']);
    expect(stdout.trim().split('\n').at(-1)).toMatch(/^Survived 5,000 events in \d+ s, .* each once and in order; /);
  }, 120_000);
});

describe('the verdict on a soak', () => {
  const steady = Array.from({ length: 20 }, () => stretch());

  it('is content with what stays as it was, whatever the warm-up did', () => {
    expect(worsened([stretch({ perSecond: 9_000, outboxBytes: 1 }), stretch(), ...steady], 2)).toEqual([]);
  });

  it('sees a table grow by more than a fifth', () => {
    const growing = steady.map((it, at) => ({ ...it, inboxBytes: it.inboxBytes * (1 + at / 40) }));
    expect(worsened(growing, 0)).toEqual(['The inbox grew from 205.0 MB to 281.3 MB.']);
  });

  it('sees that it slows down by more than a fifth', () => {
    const slowing = steady.map((it, at) => ({ ...it, perSecond: it.perSecond - at * 20 }));
    expect(worsened(slowing, 0)).toEqual(['It slowed down from 980 to 660 events per second.']);
  });
});
