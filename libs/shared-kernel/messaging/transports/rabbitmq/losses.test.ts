import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { Chance, TcpProxy, type TestBroker, newSeed, testBroker } from '../../../testing/plain.js';
import { oneTo } from '../../test/behaviour/stage.js';
import { RabbitMqTransport } from '../../index.js';
import { contextNames } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import type { Instance } from '../../test/instance.js';
import { until } from '../../test/until.js';
import { Topology } from './topology.js';

const KEYS = 12;
const startedWith = newSeed();

describe(`a connection to RabbitMQ (SEED=${startedWith})`, () => {
  let house: House;
  let broker: TestBroker;
  let proxy: TcpProxy;
  let app: Instance;
  beforeEach(async () => {
    [house, broker] = await Promise.all([House.open(), testBroker()]);
    proxy = await TcpProxy.to(Number(new URL(broker.url).port || 5672));
    app = await house.instance({ transport: new RabbitMqTransport({ ...broker, url: proxy.through(broker.url), confirmMs: 2_000 }) });
  });
  afterEach(async () => {
    await house.close();
    await proxy.stop();
    await broker.drop(contextNames);
  });

  const countAll = async (): Promise<void> => { await Promise.all(Array.from({ length: KEYS }, (_, key) => app.count(`k${key}`))); };
  /** Counts on until that is over. */
  async function countUntil(over: Promise<void>): Promise<void> {
    const state = { isOver: false };
    const ending = over.finally(() => { state.isOver = true; });
    while (!state.isOver) await countAll();
    await ending;
  }
  const idle = () => until('the bus is idle', () => app.bus.idle().catch(() => false), 40_000);

  const heard = async () => ({ left: await house.heard('left'), right: await house.heard('right') });

  /** Every step that was counted, of every key, in order. */
  async function counted(): Promise<Awaited<ReturnType<typeof heard>>> {
    const counters = await house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter');
    const steps = Object.fromEntries(counters.map(({ key, n }) => [key, oneTo(n)]));
    return { left: steps, right: steps };
  }

  it.each(['to-client', 'to-server'] as const)('cut in the middle of what goes %s, again and again, loses nothing, doubles nothing and keeps the order', async (direction) => {
    const chance = new Chance(`${direction} ${startedWith}`);
    for (let cut = 0; cut < 6; cut += 1) {
      const cutting = proxy.cutAfter(50 + chance.below(4_000), direction);
      await countUntil(cutting);
    }
    await idle();
    expect(await heard()).toEqual(await counted());
    expect((await house.statuses('left'))['parked']).toBeUndefined();
    expect(proxy.connections).toBeGreaterThan(6);
  });

  it('is made again when RabbitMQ cancels a consumer, with the queue that was deleted', async () => {
    await countAll();
    await idle();
    const operator = await connect(broker.url);
    const channel = await operator.createChannel();
    const topology = new Topology(broker.namespace);
    for (const lane of topology.lanesOf('left')) await channel.deleteQueue(lane);
    await until('it is declared again', async () => (await Promise.all(topology.lanesOf('left').map((lane) => isThere(operator, lane)))).every(Boolean));
    await countAll();
    await idle();
    expect(await heard()).toEqual(await counted());
    await operator.close();
  });

  it('is made again, and queues bound again, when an event that somebody here listens to finds no queue', async () => {
    await countAll();
    await idle();
    const operator = await connect(broker.url);
    const channel = await operator.createChannel();
    const topology = new Topology(broker.namespace);
    for (const context of ['left', 'right']) {
      for (const [lane, queue] of topology.lanesOf(context).entries()) await channel.unbindQueue(queue, topology.exchange, `source.counted.${lane}`);
    }
    await countAll();
    await idle();
    expect(await heard()).toEqual(await counted());
    await operator.close();
  });

  it('that goes silent without a word counts as lost after a while', async () => {
    await countAll();
    await idle();
    proxy.stall();
    await countAll();
    await until('readiness tells', () => app.bus.health().is === 'degraded', 20_000);
    proxy.cut();
    proxy.flow();
    await idle();
    expect(await heard()).toEqual(await counted());
  });

  async function isThere(operator: Awaited<ReturnType<typeof connect>>, queue: string): Promise<boolean> {
    const channel = await operator.createChannel();
    channel.on('error', () => undefined);
    return channel.checkQueue(queue).then(() => channel.close()).then(() => true, () => false);
  }
});
