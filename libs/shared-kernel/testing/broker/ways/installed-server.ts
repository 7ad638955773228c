import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { scratchFolder } from '../../scratch.js';
import type { Outcome, Search, Way } from '../find-broker.js';
import { Guardian } from '../guardian.js';
import { RabbitMqNode, rabbitMqCommands } from '../rabbitmq-node.js';

/** The rabbitmq-server of this machine, started as a node of our own. */
export const installedServer: Way = {
  name: 'rabbitmq-server',
  look: async (search) => (rabbitMqCommands() === undefined ? { because: 'it is not installed.' } : startNode(search)),
};

/** Starts a node, on the data in `dataDir` or in a folder that is removed when it stops. */
export async function startNode({ dataDir, say }: Search): Promise<Outcome> {
  say('Starting a RabbitMQ …');
  const folder = dataDir ?? await mkdtemp(join(scratchFolder(), 'banyan-rabbitmq-'));
  const temporary = dataDir === undefined ? folder : '';
  const node = await RabbitMqNode.prepare(folder);
  const guardian = Guardian.over(join(folder, 'pid'), node.mark, temporary);
  const stop = async (): Promise<void> => {
    await node.stop();
    guardian.dismiss();
    if (temporary) await rm(temporary, { recursive: true, force: true });
  };
  try {
    await node.start();
  } catch (error) {
    await stop();
    return { because: error instanceof Error ? error.message : String(error) };
  }
  return { found: { url: node.url, how: 'started from the installed rabbitmq-server', stop } };
}
