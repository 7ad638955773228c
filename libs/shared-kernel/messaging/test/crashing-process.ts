import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { RabbitMqTransport } from '../index.js';
import { type ContextName } from './contexts.js';
import { Instance, mortal } from './instance.js';

/**
 * A process that counts and listens until it is killed: `node … crashing-process.ts <JSON>`. What it has committed is
 * in the database; it knows nothing that would be missed. With `poison`, handling that key kills it; with `broker`,
 * events travel over RabbitMQ; with `rebuild`, it begins with rebuilding "left".
 */
const { urls, name, keys, poison, attempts = poison === undefined ? 1_000 : 3, broker, rebuild } = z.object({
  name: z.string(), urls: z.record(z.string(), z.string()), keys: z.array(z.string()), poison: z.string().optional(), attempts: z.int().optional(),
  broker: z.object({ url: z.string(), namespace: z.string(), streamDays: z.int().optional() }).optional(),
  rebuild: z.object({ acceptsPartial: z.boolean() }).optional(),
}).parse(JSON.parse(process.argv[2] ?? '{}'));
/** Counted any faster, events pile up while others are killed and started, and whoever is left needs a minute to hear them. */
const REST_MS = 5;
const url = (context: ContextName) => urls[context] ?? '';

// Whoever started it holds its standard input open; when that one is killed, nobody would end it.
process.stdin.on('end', () => process.exit(1)).resume();

const instance = await Instance.open({ source: url('source'), left: url('left'), right: url('right') }, `test ${name}`, {
  ...(broker && { transport: new RabbitMqTransport({ url: broker.url, namespace: broker.namespace, ...(broker.streamDays !== undefined && { streamDays: broker.streamDays }) }) }),
  ...(rebuild && { rebuild }),
  settings: { ...mortal, attempts },
  before: async ({ key, n }, _envelope, context) => {
    if (key === poison && context === 'left') process.kill(process.pid, 'SIGKILL');
    if (n % 5 === 0) await sleep(3);
  },
});
process.stdout.write('running\n');

async function produce(producer: number): Promise<void> {
  for (let step = 0; ; step += 1) {
    await instance.count(keys[(producer + step) % keys.length] ?? '').catch(() => undefined);
    await sleep(REST_MS);
  }
}
await Promise.all([produce(0), produce(2), produce(3)]);
