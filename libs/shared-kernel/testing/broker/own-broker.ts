import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from '../scratch.js';
import { Guardian } from './guardian.js';
import { RabbitMqNode } from './rabbitmq-node.js';

/** A RabbitMQ that is the test's alone, to be stopped, killed and starved. */
export interface OwnBroker {
  readonly url: string;
  readonly port: number;
  /** Starts it again on the data that it has; takes some seconds. */
  start(): Promise<void>;
  /** Stops it in good order. */
  stop(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Makes it run out of memory, as it believes: publishers are held back. */
  starve(): Promise<void>;
  feed(): Promise<void>;
  /** Stops it for good and removes its data. */
  remove(): Promise<void>;
}

/**
 * Starts a RabbitMQ of the test's own in a temporary folder. Never a shared one: chaos is for what is ours.
 * @throws Error when RabbitMQ is not installed or does not start
 */
export async function ownBroker(): Promise<OwnBroker> {
  const folder = await mkdtemp(join(scratchFolder(), 'banyan-rabbitmq-'));
  const node = await RabbitMqNode.prepare(folder);
  const guardian = Guardian.over(join(folder, 'pid'), node.mark, folder);
  await node.start();
  return {
    url: node.url,
    port: node.port,
    start: () => node.start(),
    stop: () => node.stop(),
    kill: () => node.kill(),
    starve: async () => { await node.control('set_vm_memory_high_watermark', 'absolute', '1MB'); },
    feed: async () => { await node.control('set_vm_memory_high_watermark', '0.4'); },
    remove: async () => {
      await node.stop();
      guardian.dismiss();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
