// npm start: installs and builds what is missing, then runs the monolith until Ctrl-C.
import { withBroker } from './lib/broker.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { at, main } from './lib/tool.mjs';
import { runNode } from './lib/spawn.mjs';

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  // The program prints how long its start took; for the user that began with this process.
  const startedAt = String(Math.round(performance.timeOrigin));
  const { env, stop } = await withBroker(process.env);
  try {
    return await runNode(at('dist', 'apps', 'monolith', 'main.js'), process.argv.slice(2), { env: { ...env, BANYAN_STARTED_AT: startedAt } });
  } finally {
    await stop();
  }
});
