// Starts the stand-in as tools/start.mjs starts the monolith, without installing or building.
import { at, main } from '../lib/tool.mjs';
import { runNode } from '../lib/spawn.mjs';

await main(() => runNode(at('tools', 'test', 'program.mjs'), process.argv.slice(2)));
