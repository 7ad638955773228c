import { execFile } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

/** A process of its own, for the runner of tests has its own opinion of promises that nobody waits for. */
function processThat(does: string): Promise<{ readonly code: unknown; readonly said: string }> {
  const program = `
    import { setTimeout as sleep } from 'node:timers/promises';
    import { leftAlone } from ${JSON.stringify(new URL('left-alone.ts', import.meta.url).href)};
    const fail = async (ms) => { await sleep(ms); throw new Error('no'); };
    const candidate = (work) => leftAlone((error) => console.log('heard: ' + error.message), work);
    ${does};
    await sleep(20);
    console.log('lives');`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], (error, said) => resolve({ code: error?.code ?? 0, said }));
  });
}

describe('a promise that nobody waits for and that fails', () => {
  it.each([
    { when: 'while the candidate goes on', does: `await candidate(async () => { const first = fail(1); await fail(5).catch(() => 0); await first.catch(() => 0); })` },
    { when: 'when the candidate was given up', does: `await candidate(async () => { void fail(5); })` },
    { when: 'beside another', does: `await candidate(async () => { const [, other] = [fail(2), fail(3)]; await other; }).catch(() => 0)` },
  ])('ends no process where it is a candidate\'s: $when', async ({ does }) => {
    expect(await processThat(does)).toEqual({ code: 0, said: 'heard: no\nlives\n' });
  });

  it('ends the process where it is anybody else\'s, as it would without an experiment', async () => {
    expect(await processThat(`await candidate(async () => 0); void fail(1)`)).toEqual({ code: 1, said: '' });
  });
});
