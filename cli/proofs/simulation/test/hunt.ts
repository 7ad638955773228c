import { configureLog } from '@banyan/kernel/observability';
import { ruleTimeAndChance } from '../engine/globals.js';
import { play } from '../runs/run.js';
import { mutants } from './mutants.js';

/** `hunt.ts FIRST-SEED RUNS`: plays every mutant until it is caught, and prints a line of JSON for each. */
const [first = 1, runs = 200] = process.argv.slice(2).map(Number);
ruleTimeAndChance();
configureLog({ level: 'silent' });

for (const { name, scenario } of mutants) {
  let caught: { seed: number; broken: readonly string[] } | undefined;
  let played = 0;
  for (let seed = first; !caught && played < runs; seed += 1, played += 1) {
    const { broken } = await play(scenario, String(seed));
    if (broken.length > 0) caught = { seed, broken };
  }
  console.log(JSON.stringify({ name, played, caught }));
}
