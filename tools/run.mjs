// node tools/run.mjs SCRIPT [ARGS]: runs a script of dist/ (named without "dist/"), installed and built first.
import { existsSync } from 'node:fs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { at, main, Stop } from './lib/tool.mjs';
import { runNode } from './lib/spawn.mjs';

await main(async () => {
  const [script, ...args] = process.argv.slice(2);
  if (!script) throw new Stop('Usage: node tools/run.mjs SCRIPT [ARGS], with SCRIPT a file below dist/', 2);
  await ensureInstalled();
  await ensureBuilt();
  const file = at('dist', script);
  if (!existsSync(file)) throw new Stop(`There is no dist/${script}: its source would be ${script.replace(/\.js$/, '.ts')}.`, 2);
  return runNode(file, args);
});
