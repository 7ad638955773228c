import { configureLog } from '@banyan/kernel/observability';
import { ruleTimeAndChance } from '../engine/globals.js';
import type { Traced } from '../postgres/server.js';
import { playOn } from '../runs/run.js';
import { scenarioOf } from '../scenarios.js';

/** `record.ts SEED`: plays one run and prints, as JSON lines, what the simulated server was asked and answered, and what is in it at the end. */
export type Recorded = Traced | { readonly is: 'contents'; readonly schema: string; readonly table: string; readonly rows: readonly Readonly<Record<string, unknown>>[] };

ruleTimeAndChance();
configureLog({ level: 'silent' });
const seed = Number(process.argv[2]);
const lines: string[] = [];
const tell = (recorded: Recorded): void => { lines.push(JSON.stringify(recorded)); };
const scene = scenarioOf(seed).open(String(seed), false);
scene.world.server.trace = tell;
await playOn(scene, String(seed));
for (const contents of scene.world.server.contents()) tell({ is: 'contents', ...contents });
process.stdout.write(`${lines.join('\n')}\n`);
