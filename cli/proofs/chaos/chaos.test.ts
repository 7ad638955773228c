import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { scratchFolder } from '@banyan/kernel/testing';

const run = promisify(execFile);

/** Five kills, with a stop of PostgreSQL and of the broker among them. */
async function smallStorm(eventBus: string): Promise<string> {
  const { stdout } = await run(process.execPath, ['--enable-source-maps', 'dist/cli/proofs/main.js', 'chaos', 'bus', '--rounds', '5'], { env: { ...process.env, EVENT_BUS: eventBus, TMPDIR: scratchFolder() } });
  return stdout.trim().split('\n').at(-1) ?? '';
}

describe('a small storm over real processes', () => {
  it('of killed apps, a stopped PostgreSQL and cut connections loses, doubles and misorders nothing', async () => {
    expect(await smallStorm('in-process')).toMatch(/^Survived 5 killed processes, 1 immediate stops of PostgreSQL, .*: 0 lost, 0 doubled, 0 out of order, all sagas at their end within 60 s\. Seed \d+\.$/);
  }, 180_000);

  it('over RabbitMQ, which is restarted and cut off as well, does neither', async () => {
    expect(await smallStorm('rabbitmq')).toMatch(/^Survived 5 killed processes, 1 immediate stops of PostgreSQL, .*, 1 restarts of RabbitMQ, .*: 0 lost, 0 doubled, 0 out of order, all sagas at their end within 60 s\. Seed \d+\.$/);
  }, 240_000);
});
