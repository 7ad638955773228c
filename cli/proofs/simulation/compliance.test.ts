import { Chance, newSeed, testDatabase } from '@banyan/kernel/testing';
import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RealPostgres } from './test/real-postgres.js';
import type { Recorded } from './test/record.js';
import { Replay } from './test/replay.js';

const run = promisify(execFile);
const startedWith = newSeed();
const RUNS = 4;

async function record(seed: number): Promise<Recorded[]> {
  const { stdout } = await run(process.execPath, ['--enable-source-maps', 'dist/cli/proofs/simulation/test/record.js', String(seed)], { maxBuffer: 256 * 1024 * 1024 });
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Recorded);
}

describe(`the simulated PostgreSQL (SEED=${startedWith})`, () => {
  const chance = new Chance(startedWith);
  let compared = 0;
  it.each(Array.from({ length: RUNS }, () => chance.below(2 ** 31)))('answers, waits and keeps as a real one does, statement by statement: run %i', async (seed) => {
    const database = await testDatabase();
    let real: RealPostgres | undefined;
    try {
      real = await RealPostgres.open(database.url);
      const replayed = await new Replay(real).run(await record(seed));
      expect(replayed.differences).toEqual([]);
      compared += replayed.compared;
    } finally {
      await real?.close();
      await database.drop();
    }
  }, 120_000);

  it('was compared often enough to say so', () => {
    expect(compared).toBeGreaterThan(RUNS * 100);
  });
});
