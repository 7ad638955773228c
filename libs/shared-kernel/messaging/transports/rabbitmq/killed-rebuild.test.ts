import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type TestBroker, testBroker } from '../../../testing/plain.js';
import { RabbitMqTransport } from '../../index.js';
import { oneTo } from '../../test/behaviour/stage.js';
import { contextNames } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import { type Instance, mortal } from '../../test/instance.js';
import { until } from '../../test/until.js';

const KEYS = 12;
const rebuild = { acceptsPartial: false };

describe('a rebuild whose process is killed', () => {
  let house: House;
  let broker: TestBroker;
  const processes = new Set<ChildProcess>();
  beforeEach(async () => { [house, broker] = await Promise.all([House.open(), testBroker()]); });
  afterEach(async () => {
    for (const process of processes) process.kill('SIGKILL');
    await house.close();
    await broker.drop(contextNames);
  });

  const start = () => house.instance({ settings: { ...mortal, attempts: 1_000 }, transport: new RabbitMqTransport({ ...broker, streamDays: 7 }) });
  const idle = (instance: Instance) => until('the bus is idle', () => instance.bus.idle().catch(() => false), 60_000);
  const isUnderWay = async () => (await house.look('left', 'SELECT FROM rebuild')).length > 0;

  async function aPast(times: number): Promise<void> {
    const app = await start();
    for (let time = 0; time < times; time += 1) await Promise.all(Array.from({ length: KEYS }, (_, key) => app.count(`k${key}`)));
    await idle(app);
    await app.stop();
  }

  /** A process of its own; handling the poison kills it. */
  async function running(more: { poison?: string; rebuild?: { acceptsPartial: boolean } }): Promise<ChildProcess> {
    const loader = fileURLToPath(new URL('../../../testing/typescript.mjs', import.meta.url));
    const script = fileURLToPath(new URL('../../test/crashing-process.ts', import.meta.url));
    const { url, namespace } = broker;
    const order = { name: 'killed', urls: house.urls, keys: ['a', 'b', 'c'], broker: { url, namespace, streamDays: 7 }, ...more, ...(more.poison && { attempts: 6 }) };
    const child = spawn(process.execPath, ['--import', loader, script, JSON.stringify(order)], { stdio: ['pipe', 'pipe', 'inherit'] });
    processes.add(child);
    child.once('exit', () => processes.delete(child));
    return child;
  }

  async function counted(): Promise<Record<string, number[]>> {
    const counters = await house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter');
    return Object.fromEntries(counters.map(({ key, n }) => [key, oneTo(n)]));
  }

  it('is begun again by the next start, also without being asked to, and comes out whole', async () => {
    await aPast(150);
    const child = await running({ rebuild });
    await until('some of it is there', async () => await isUnderWay() && Object.keys(await house.heard('left')).length > 0);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    expect(await isUnderWay()).toBe(true);
    const app = await start();
    await idle(app);
    expect(await isUnderWay()).toBe(false);
    expect(await house.heard('left')).toEqual(await counted());
  }, 120_000);

  it('by one of its events parks that one in the end, and is finished with the rest', async () => {
    await aPast(2);
    const isParked = async () => (await house.look('left', `SELECT FROM inbox WHERE status = 'parked'`)).length > 0;
    for (let death = 0; !(await isParked()); death += 1) {
      expect(death).toBeLessThan(12);
      const child = await running({ poison: 'k3', ...(death === 0 && { rebuild }) });
      await until('it dies, or parks what kills it', async () => !processes.has(child) || await isParked());
      const gone = once(child, 'exit');
      if (processes.has(child) && child.kill('SIGKILL')) await gone;
    }
    const app = await start();
    await idle(app);
    const { k3: _parked, ...rest } = await counted();
    expect(await house.heard('left')).toEqual(rest);
    expect(await isUnderWay()).toBe(false);
  }, 120_000);
});
