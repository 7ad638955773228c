// npm run bench [-- NAME ...]: installs and builds what is missing, then measures. See docs/benchmarks.md.
import { ensureBuilt } from '../tools/lib/build.mjs';
import { ensureInstalled } from '../tools/lib/install.mjs';
import { alone } from '../tools/lib/lock.mjs';
import { runNode } from '../tools/lib/spawn.mjs';
import { at, main } from '../tools/lib/tool.mjs';
import { ensurePeersInstalled } from './lib/install.mjs';

await main(async () => {
  await ensureInstalled();
  await ensurePeersInstalled();
  await ensureBuilt();
  // Two at once would measure each other.
  return alone('bench', () => runNode(at('bench', 'main.mjs'), process.argv.slice(2)));
});
