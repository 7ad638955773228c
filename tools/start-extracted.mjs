// npm run start:extracted -- CONTEXT: runs apps/extracted/CONTEXT beside a monolith with the same DATA_DIR, until Ctrl-C.
import { existsSync } from 'node:fs';
import { runBeside } from './lib/beside.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { at, main, Stop } from './lib/tool.mjs';

await main(async () => {
  const [context, ...args] = process.argv.slice(2);
  if (!context) throw new Stop('Usage: npm run start:extracted -- CONTEXT', 2);
  await ensureInstalled();
  if (!existsSync(at('apps', 'extracted', context, 'main.ts'))) throw new Stop(`There is no apps/extracted/${context}. Make it first: npx banyan extract ${context}`, 2);
  return runBeside(['extracted', context], args);
});
