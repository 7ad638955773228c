import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Chance, type TestBroker, newSeed, testBroker } from '../../../testing/plain.js';
import { RabbitMqTransport } from '../../index.js';
import { oneTo } from '../../test/behaviour/stage.js';
import { contextNames } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import { mortal } from '../../test/instance.js';
import { until } from '../../test/until.js';

const ROUNDS = 3;
const startedWith = newSeed();

describe(`apps that share lanes in RabbitMQ (SEED=${startedWith})`, () => {
  let house: House;
  let broker: TestBroker;
  const processes = new Set<ChildProcess>();
  beforeAll(async () => { [house, broker] = await Promise.all([House.open(), testBroker()]); });
  afterAll(async () => {
    for (const process of processes) process.kill('SIGKILL');
    await house.close();
    await broker.drop(contextNames);
  });

  async function start(name: string): Promise<ChildProcess> {
    const loader = fileURLToPath(new URL('../../../testing/typescript.mjs', import.meta.url));
    const script = fileURLToPath(new URL('../../test/crashing-process.ts', import.meta.url));
    const { url, namespace } = broker;
    const order = JSON.stringify({ name, urls: house.urls, keys: ['a', 'b', 'c', 'd', 'e'], broker: { url, namespace } });
    const child = spawn(process.execPath, ['--import', loader, script, order], { stdio: ['pipe', 'pipe', 'inherit'] });
    processes.add(child);
    child.once('exit', () => processes.delete(child));
    if (child.stdout) await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => { throw new Error(`${name} ended.`); })]);
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  it('can be killed at any instruction: no event is lost, no effect doubled, and lanes change hands in order', async () => {
    const chance = new Chance(`kill ${startedWith}`);
    const running = [await start('a'), await start('b')];
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(100 + chance.below(600));
      const [victim] = running.splice(chance.below(running.length), 1);
      if (victim) await kill(victim);
      running.push(await start(`round ${round}`));
    }
    await Promise.all(running.map(kill));
    const last = await house.instance({ settings: { ...mortal, attempts: 1_000 }, transport: new RabbitMqTransport(broker) });
    await until('the bus is idle', () => last.bus.idle().catch(() => false), 50_000);
    const counters = await house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter');
    const expected = Object.fromEntries(counters.map(({ key, n }) => [key, oneTo(n)]));
    expect(counters).toHaveLength(5);
    expect(await house.heard('left')).toEqual(expected);
    expect(await house.heard('right')).toEqual(expected);
    await last.stop();
  }, 120_000);
});
