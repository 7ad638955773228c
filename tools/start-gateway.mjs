// npm run start:gateway: runs apps/gateway beside a monolith with the same DATA_DIR, or beside what is left of it, until Ctrl-C.
import { runBeside } from './lib/beside.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { main } from './lib/tool.mjs';

await main(async () => {
  await ensureInstalled();
  return runBeside(['gateway'], process.argv.slice(2));
});
