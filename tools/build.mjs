// npm run build: compiles apps, libs and cli into dist/, if anything changed.
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { main } from './lib/tool.mjs';

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  return 0;
});
