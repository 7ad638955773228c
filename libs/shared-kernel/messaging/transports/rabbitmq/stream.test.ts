import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChannelModel, connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { type TestBroker, testBroker } from '../../../testing/plain.js';
import { RabbitMqTransport, TopologyDrift } from '../../index.js';
import { contextNames } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import type { Instance, InstanceOptions } from '../../test/instance.js';
import { until } from '../../test/until.js';
import { Topology } from './topology.js';

describe('the event stream', () => {
  let house: House;
  let broker: TestBroker;
  let topology: Topology;
  let operator: ChannelModel;
  beforeAll(async () => { operator = await connect((await testBroker()).url); });
  afterAll(() => operator.close());
  beforeEach(async () => {
    [house, broker] = await Promise.all([House.open(), testBroker()]);
    topology = new Topology(broker.namespace);
  });
  afterEach(async () => {
    await house.close();
    await broker.drop(contextNames);
  });

  const start = (streamDays: number | undefined, options: InstanceOptions = {}) =>
    house.instance({ transport: new RabbitMqTransport({ ...broker, ...(streamDays !== undefined && { streamDays }) }), ...options });
  const idle = (instance: Instance) => until('the bus is idle', () => instance.bus.idle().catch(() => false));

  async function live(streamDays: number | undefined, ...keys: string[]): Promise<void> {
    const app = await start(streamDays);
    for (const key of keys) await app.count(key);
    await idle(app);
    await app.stop();
  }

  it('has what foreign services published and what came while EVENT_STREAM_DAYS was not set', async () => {
    await live(7, 'a');
    await live(undefined, 'a', 'b');
    const channel = await operator.createConfirmChannel();
    const event = {
      specversion: '1.0', id: randomUUID(), source: '/legacy', type: 'source.counted', subject: 'z', time: '2026-11-20T12:00:00Z', aggregatetype: 'counter',
      eventversion: 1, data: { key: 'z', n: 1 },
    };
    channel.publish(topology.exchange, topology.routingKey({ eventType: 'source.counted', aggregateId: 'z' }), Buffer.from(JSON.stringify(event)));
    await channel.waitForConfirms();
    await channel.close();
    await live(7);
    const app = await start(7, { rebuild: { acceptsPartial: false } });
    await idle(app);
    expect(await house.heard('left')).toEqual({ a: [1, 2], b: [1], z: [1] });
  }, 60_000);

  it('cannot be given other days, and the refusal says what deleting it would mean', async () => {
    await live(7);
    const starting = start(30);
    await expect(starting).rejects.toThrow(TopologyDrift);
    await expect(starting).rejects.toThrow(`The queue "${topology.stream}" has x-max-age = 7D; this version declares 30D. It is the history itself: rather set EVENT_STREAM_DAYS back.`);
  });

  it('takes every event, and a deleted lane is declared anew all the same', async () => {
    const app = await start(7);
    const channel = await operator.createChannel();
    const lane = topology.lanesOf('left')[Number(topology.routingKey({ eventType: '', aggregateId: 'a' }).slice(-1))] ?? '';
    await channel.deleteQueue(lane);
    await until('it is there again', async () => {
      const looking = await operator.createChannel();
      looking.on('error', () => undefined);
      return looking.checkQueue(lane).then(async ({ consumerCount }) => { await looking.close(); return consumerCount > 0; }, () => false);
    });
    await channel.close();
    await app.count('a');
    await idle(app);
    expect(await house.heard('left')).toEqual({ a: [1] });
  });
});
