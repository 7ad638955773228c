import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type OwnBroker, ownBroker } from '../../../testing/plain.js';
import { oneTo } from '../../test/behaviour/stage.js';
import { RabbitMqTransport } from '../../index.js';
import { House } from '../../test/house.js';
import type { Instance } from '../../test/instance.js';
import { until } from '../../test/until.js';

const KEYS = 12;
/** Counted any faster, what piles up while RabbitMQ starts takes longer to be heard than that. */
const REST_MS = 20;

describe('a RabbitMQ that breaks', () => {
  let house: House;
  let broker: OwnBroker;
  let app: Instance;
  beforeAll(async () => { broker = await ownBroker(); }, 120_000);
  afterAll(() => broker.remove());
  beforeEach(async () => {
    house = await House.open();
    app = await house.instance({ settings: { attempts: 2 }, transport: new RabbitMqTransport({ url: broker.url }) });
  });
  afterEach(() => house.close());

  const countAll = async (): Promise<void> => { await Promise.all(Array.from({ length: KEYS }, (_, key) => app.count(`k${key}`))); };
  const idle = () => until('the bus is idle', () => app.bus.idle().catch(() => false), 60_000);
  const outbox = async () => (await house.look('source', 'SELECT FROM outbox_unread')).length;
  const parked = async () => (await house.statuses('left'))['parked'] ?? 0;

  const heard = async () => ({ left: await house.heard('left'), right: await house.heard('right') });

  /** Every step that was counted, of every key, in order. */
  async function counted(): Promise<Awaited<ReturnType<typeof heard>>> {
    const counters = await house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter');
    const steps = Object.fromEntries(counters.map(({ key, n }) => [key, oneTo(n)]));
    return { left: steps, right: steps };
  }

  it('by being killed under load loses nothing, doubles nothing and keeps the order', async () => {
    const state = { isBack: false };
    const breaking = (async () => {
      await until('events are under way', async () => Object.keys(await house.heard('left')).length > 0);
      await broker.kill();
      await broker.start();
      state.isBack = true;
    })();
    while (!state.isBack) {
      await countAll();
      await sleep(REST_MS);
    }
    await breaking;
    await idle();
    expect(await heard()).toEqual(await counted());
    expect(await parked()).toBe(0);
  }, 120_000);

  it('by being away lets events wait in the outbox, parks nothing, and readiness tells', async () => {
    await countAll();
    await idle();
    await broker.stop();
    for (let n = 0; n < 5; n += 1) await countAll();
    expect(app.bus.health().is).toBe('degraded');
    expect(await outbox()).toBe(5 * KEYS);
    await broker.start();
    await idle();
    expect(app.bus.health()).toEqual({ is: 'up' });
    expect(await heard()).toEqual(await counted());
    expect(await parked()).toBe(0);
  }, 120_000);

  it('by running out of memory holds publishers back only: events wait in the outbox, consuming goes on', async () => {
    await countAll();
    await idle();
    await broker.starve();
    await countAll();
    await until('readiness tells why', () => {
      const health = app.bus.health();
      return health.is === 'degraded' && health.because.includes('low on memory');
    });
    await countAll();
    await broker.feed();
    await idle();
    expect(app.bus.health()).toEqual({ is: 'up' });
    expect(await heard()).toEqual(await counted());
    expect(await parked()).toBe(0);
  }, 120_000);
});
