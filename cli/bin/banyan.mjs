#!/usr/bin/env node
// npx banyan: installs and builds what is missing, then runs the command line under Node 24.
import { ensureBuilt } from '../../tools/lib/build.mjs';
import { ensureInstalled } from '../../tools/lib/install.mjs';
import { runNode } from '../../tools/lib/spawn.mjs';
import { at, main } from '../../tools/lib/tool.mjs';

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  return runNode(at('dist', 'cli', 'main.js'), process.argv.slice(2));
});
