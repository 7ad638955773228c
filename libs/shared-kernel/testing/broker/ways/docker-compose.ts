import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Way } from '../find-broker.js';
import { freePort } from '../free-port.js';
import { runs } from '../runs.js';
import { whyNotUsable } from '../usable.js';

/** Milliseconds that the container may take to answer, its image once pulled. */
const START_MS = 120_000;
const PASSWORD = 'test-only';

/** The broker of docker-compose.yml, alone, on a port of its own, with nothing kept. */
export const dockerCompose: Way = {
  name: 'docker compose',
  look: async ({ say }) => {
    if (!existsSync('docker-compose.yml')) return { because: 'there is no docker-compose.yml in the working directory.' };
    const unusable = await runs('docker', ['compose', 'version']) ?? await runs('docker', ['info']);
    if (unusable !== undefined) return { because: unusable };
    say('Starting RabbitMQ with docker compose; the first time its image is pulled …');
    const [port, name] = [await freePort(), `banyan-rabbitmq-${randomUUID().slice(0, 8)}`];
    const why = await runs('docker', ['compose', 'run', '--detach', '--rm', '--name', name, '--publish', `127.0.0.1:${port}:5672`, 'rabbitmq'], { RABBITMQ_PASSWORD: PASSWORD });
    if (why !== undefined) return { because: why };
    const stop = async (): Promise<void> => { await runs('docker', ['rm', '--force', '--volumes', name]); };
    const url = `amqp://banyan:${PASSWORD}@127.0.0.1:${port}`;
    const silence = await silenceOf(url);
    if (silence === undefined) return { found: { url, how: 'started with docker compose', stop } };
    await stop();
    return { because: silence };
  },
};

async function silenceOf(url: string): Promise<string | undefined> {
  const end = Date.now() + START_MS;
  for (;;) {
    const why = await whyNotUsable(url);
    if (why === undefined || Date.now() > end) return why;
    await sleep(500);
  }
}
