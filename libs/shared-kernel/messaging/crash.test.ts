import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { House } from './test/house.js';
import { mortal } from './test/instance.js';
import { Chance, seedFrom } from './test/seeded.js';
import { until } from './test/until.js';

const ROUNDS = 4;
const startedWith = seedFrom(process.env['SEED']);

describe(`killing processes (SEED=${startedWith})`, () => {
  let house: House;
  const processes = new Set<ChildProcess>();
  beforeAll(async () => { house = await House.open(); });
  afterAll(async () => {
    for (const process of processes) process.kill('SIGKILL');
    await house.close();
  });

  async function start(name: string, { keys = ['a', 'b', 'c', 'd', 'e'], poison }: { keys?: string[]; poison?: string } = {}): Promise<ChildProcess> {
    const loader = fileURLToPath(new URL('../testing/typescript.mjs', import.meta.url));
    const script = fileURLToPath(new URL('test/crashing-process.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', loader, script, JSON.stringify({ name, urls: house.urls, keys, poison })], { stdio: ['pipe', 'pipe', 'inherit'] });
    processes.add(child);
    let runs = false;
    child.stdout?.on('data', () => { runs = true; });
    child.once('exit', () => processes.delete(child));
    // What killed its predecessor may kill it before it has said anything.
    await until(`process ${name} runs`, () => runs || !processes.has(child));
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (!processes.has(child)) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  it('at any instruction loses no event, doubles no effect and keeps the order', async () => {
    const chance = new Chance(`kill ${startedWith}`);
    const running = await Promise.all([start('a'), start('b')]);
    for (let round = 0; round < ROUNDS; round += 1) {
      await sleep(100 + chance.below(400));
      const victim = running.splice(chance.below(running.length), 1)[0];
      if (victim) await kill(victim);
      running.push(await start(`round ${round}`));
    }
    await Promise.all(running.map(kill));

    const last = await house.instance({ settings: { ...mortal, attempts: 1_000 } });
    await until('the bus is idle', () => last.bus.idle(), 50_000);
    const counters = await house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter');
    const expected = Object.fromEntries(counters.map(({ key, n }) => [key, Array.from({ length: n }, (_, at) => at + 1)]));
    expect(counters.length).toBe(5);
    expect(await house.heard('left')).toEqual(expected);
    expect(await house.heard('right')).toEqual(expected);
    const [most] = await house.look<{ attempts: number }>('left', 'SELECT max(attempts) AS attempts FROM inbox');
    expect(most?.attempts).toBeLessThanOrEqual(ROUNDS + 2);
    await last.stop();
  });

  it('by one poisonous event parks that event, not those it took down with it', async () => {
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM heard');
    const parked = async () => (await house.statuses('left'))['parked'] ?? 0;
    const deaths: ChildProcess[] = [];
    while ((await parked()) === 0) {
      expect(deaths.length).toBeLessThan(5);
      const child = await start(`victim ${deaths.length}`, { keys: ['poison', 'well', 'fine'], poison: 'poison' });
      deaths.push(child);
      await until('it dies, or parks what kills it', async () => !processes.has(child) || (await parked()) > 0);
    }
    await Promise.all([...processes].map(kill));
    expect(deaths.length).toBe(4);
    const survivor = await house.instance();
    await until('the bus is idle', () => survivor.bus.idle());
    const [poisoned] = await survivor.messaging.left.parking.list();
    expect(poisoned).toMatchObject({ key: 'poison', attempts: 3, error: 'The process died each time while it handled this event.' });
    expect(poisoned?.behind).toBeGreaterThan(0);
    const heard = await house.heard('left');
    expect(Object.keys(heard).sort()).toEqual(['fine', 'well']);
    const counters = await house.look<{ key: string; n: number }>('source', `SELECT key, n FROM counter WHERE key IN ('fine', 'well')`);
    expect(heard).toEqual(Object.fromEntries(counters.map(({ key, n }) => [key, Array.from({ length: n }, (_, at) => at + 1)])));
    await survivor.stop();
  });
});
