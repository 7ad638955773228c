// Runs an app of the house beside a monolith with the same DATA_DIR, until Ctrl-C.
import { withBroker } from './broker.mjs';
import { ensureBuilt } from './build.mjs';
import { at } from './tool.mjs';
import { runNode } from './spawn.mjs';

/** @param folder of the app below apps/ @returns its exit code */
export async function runBeside(folder, args) {
  await ensureBuilt();
  const startedAt = String(Math.round(performance.timeOrigin));
  const { env, stop } = await withBroker({ ...process.env, EVENT_BUS: 'rabbitmq' });
  try {
    return await runNode(at('dist', 'apps', ...folder, 'main.js'), args, { env: { PORT: '0', ...env, BANYAN_STARTED_AT: startedAt } });
  } finally {
    await stop();
  }
}
