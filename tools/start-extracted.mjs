// npm run start:extracted -- CONTEXT: runs apps/extracted/CONTEXT beside a monolith with the same DATA_DIR, until Ctrl-C.
import { existsSync } from 'node:fs';
import { withBroker } from './lib/broker.mjs';
import { ensureBuilt } from './lib/build.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { at, main, Stop } from './lib/tool.mjs';
import { runNode } from './lib/spawn.mjs';

await main(async () => {
  const [context, ...args] = process.argv.slice(2);
  if (!context) throw new Stop('Usage: npm run start:extracted -- CONTEXT', 2);
  await ensureInstalled();
  if (!existsSync(at('apps', 'extracted', context, 'main.ts'))) throw new Stop(`There is no apps/extracted/${context}. Make it first: npx banyan extract ${context}`, 2);
  await ensureBuilt();
  const startedAt = String(Math.round(performance.timeOrigin));
  const { env, stop } = await withBroker({ ...process.env, EVENT_BUS: 'rabbitmq' });
  try {
    return await runNode(at('dist', 'apps', 'extracted', context, 'main.js'), args, { env: { PORT: '0', ...env, BANYAN_STARTED_AT: startedAt } });
  } finally {
    await stop();
  }
});
