import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const proofs = 'dist/cli/proofs/main.js';
const hunt = 'dist/cli/proofs/simulation/test/hunt.js';

/** Simulations rule their process's clocks, so they have one of their own. */
async function node(script: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, ['--enable-source-maps', script, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim().split('\n');
}

describe('1,000 simulated schedules', () => {
  it('keep every promise of bus and sagas', async () => {
    const lines = await node(proofs, 'simulate', '--runs', '1000');
    expect(lines.at(-1)).toMatch(/^Survived 1,000 schedules, .*Nothing lost, nothing doubled, nothing out of order, every saga at its end\.$/);
  }, 240_000);
});

describe('a seed', () => {
  it('plays the same history again, to the last event', async () => {
    const [one, other] = [await node(proofs, 'simulate', '--runs', '1', '--seed', '77', '--history'), await node(proofs, 'simulate', '--runs', '1', '--seed', '77', '--history')];
    expect(one).toEqual(other);
    expect(one.length).toBeGreaterThan(300);
  });
});

describe('a planted bug', () => {
  it('is found within 300 schedules, each of them', async () => {
    const found = (await node(hunt, '1', '300')).map((line) => JSON.parse(line) as { name: string; caught?: unknown });
    expect(found.length).toBeGreaterThan(2);
    expect(found.filter((it) => !it.caught)).toEqual([]);
  }, 120_000);
});
