import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { node24 } from './node24.mjs';
import { at, root, say, Stop } from './tool.mjs';

/**
 * With EVENT_BUS=rabbitmq and no AMQP_URL: finds a RabbitMQ or starts one, and keeps its data beside the shop's.
 * dist/ must be built. Resolves to the environment that names it, and to what ends it afterwards.
 */
export async function withBroker(env) {
  if (env.EVENT_BUS !== 'rabbitmq' || env.AMQP_URL) return { env, stop: async () => undefined };
  const dataDir = resolve(root, env.DATA_DIR || '.data');
  const { url, how, stop } = await broker(resolve(dataDir, 'rabbitmq'));
  // Another checkout may have found the same broker: two shops with two databases must not share queues.
  const namespace = env.AMQP_NAMESPACE || `banyan-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`;
  say(`RabbitMQ: ${how}; names there begin with "${namespace}".`);
  return { env: { ...env, AMQP_URL: url, AMQP_NAMESPACE: namespace }, stop };
}

/** A program that holds the broker as long as its standard input is open, in a group of its own: Ctrl-C is for the shop. */
async function broker(dataDir) {
  const script = at('dist', 'libs', 'shared-kernel', 'testing', 'broker', 'main.js');
  const child = spawn(node24(), [script, dataDir], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const ended = once(child, 'exit');
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended.then(() => undefined)]);
  if (!line) throw new Stop('The shop was not started.');
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  return { ...JSON.parse(line[0]), stop };
}
