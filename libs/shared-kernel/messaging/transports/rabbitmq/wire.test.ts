import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { randomUUID } from 'node:crypto';
import { type TestBroker, testBroker } from '../../../testing/plain.js';
import { RabbitMqTransport } from '../../index.js';
import { contextNames } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import type { Instance } from '../../test/instance.js';
import { redrive } from '../../test/operator.js';
import { until } from '../../test/until.js';
import { Topology } from './topology.js';

/** Somebody else's services, which have a plain AMQP library and the documentation. */
describe('on the wire', () => {
  let house: House;
  let broker: TestBroker;
  let topology: Topology;
  let foreign: ChannelModel;
  let app: Instance | undefined;
  beforeAll(async () => { foreign = await connect((await testBroker()).url); });
  afterAll(() => foreign.close());
  beforeEach(async () => {
    [house, broker] = await Promise.all([House.open(), testBroker()]);
    topology = new Topology(broker.namespace);
  });
  afterEach(async () => {
    await app?.stop();
    await house.close();
    await broker.drop(contextNames);
  });

  const start = async (): Promise<Instance> => {
    app = await house.instance({ settings: { attempts: 2 }, transport: new RabbitMqTransport(broker) });
    return app;
  };
  const idle = (instance: Instance) => until('the bus is idle', () => instance.bus.idle().catch(() => false));

  function event(n: number, more: Readonly<Record<string, unknown>> = {}): string {
    return JSON.stringify({
      specversion: '1.0', id: randomUUID(), source: '/legacy', type: 'source.counted', subject: 'a', time: '2026-11-20T12:00:00Z', aggregatetype: 'counter',
      eventversion: 1, data: { key: 'a', n }, ...more,
    });
  }

  async function publish(...bodies: (string | Buffer)[]): Promise<void> {
    const channel = await foreign.createConfirmChannel();
    const key = topology.routingKey({ eventType: 'source.counted', aggregateId: 'a' });
    for (const body of bodies) channel.publish(topology.exchange, key, Buffer.from(body), { contentType: 'application/cloudevents+json' });
    await channel.waitForConfirms();
    await channel.close();
  }

  it.each(['source.#', 'source.counted.#'])('a foreign service that binds its queue with %s gets CloudEvents and needs nothing of ours', async (pattern) => {
    const instance = await start();
    const channel = await foreign.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, topology.exchange, pattern);
    const got: ConsumeMessage[] = [];
    await channel.consume(queue, (message) => { if (message) got.push(message); }, { noAck: true });
    for (let n = 0; n < 3; n += 1) await instance.count('a');
    await until('they are there', () => got.length === 3);
    expect(got.map((it) => it.properties.contentType)).toEqual(Array.from({ length: 3 }, () => 'application/cloudevents+json'));
    expect(got.map((it): unknown => JSON.parse(it.content.toString()))).toEqual([1, 2, 3].map((n) => expect.objectContaining({
      specversion: '1.0', type: 'source.counted', source: '/banyan/source', subject: 'a', data: { key: 'a', n },
    })));
    expect(got[0]?.fields.routingKey).toMatch(/^source\.counted\.[0-3]$/);
    await channel.close();
  });

  it('an event of a foreign service is handled like any other, once', async () => {
    const instance = await start();
    const [one, two] = [event(1), event(2)];
    await publish(one, two, one);
    await until('they are handled', async () => (await house.statuses('left'))['done'] === 2);
    await idle(instance);
    expect(await house.heard('left')).toEqual({ a: [1, 2] });
  });

  it('what cannot be read is parked at once, each with its reason, and holds nobody up', async () => {
    const instance = await start();
    await publish('not json', '{"hello":"world"}', event(1, { subject: undefined }), Buffer.from([0xff, 0xfe, 0x00]), event(1, { subject: 'b', data: { key: 'b', n: 1 } }));
    await until('all are stored', async () => {
      const { parked = 0, done = 0 } = await house.statuses('left');
      return parked === 4 && done === 1;
    });
    await idle(instance);
    const reasons = (await instance.messaging.left.parking.list()).map((it) => it.error);
    expect(reasons).toEqual(expect.arrayContaining([
      'The message is not JSON.', expect.stringContaining('/eventId'), expect.stringContaining('/subject'), expect.stringContaining('base64'),
    ]));
    expect(await house.heard('left')).toEqual({ b: [1] });
  });

  it('a message that RabbitMQ gave up on is parked with the reason, and a redrive handles it in its place', async () => {
    await (await start()).stop();
    await publish(event(1), event(2));
    await rejectForGood('left', 1);
    const instance = await start();
    await until('it is parked', async () => (await house.statuses('left'))['parked'] === 1);
    await idle(instance);
    const [parked] = await instance.messaging.left.parking.list();
    expect(parked?.error).toContain('RabbitMQ delivered the message as often as the queue allows');
    expect(parked?.key).toBe('a');
    await redrive(instance, { key: 'a' });
    await idle(instance);
    expect(await house.statuses('left')).toEqual({ done: 2 });
  });

  it('an event that nobody listens to leaves the outbox all the same', async () => {
    app = await house.instance({ hosts: ['source'], transport: new RabbitMqTransport(broker) });
    await app.count('a');
    await idle(app);
    expect(await house.look('source', 'SELECT FROM outbox_unread')).toHaveLength(0);
  });

  /** Takes the first message of a lane and puts it back until RabbitMQ has had enough, as a process does that dies of it. */
  async function rejectForGood(context: string, messages: number): Promise<void> {
    const lane = topology.routingKey({ eventType: 'it', aggregateId: 'a' }).replace('it.', 'lane-');
    const channel = await foreign.createChannel();
    await channel.prefetch(1);
    let deliveries = 0;
    await channel.consume(`${broker.namespace}.${context}.${lane}`, (message) => {
      if (!message) return;
      deliveries += 1;
      if (message.content.includes('"n":1')) channel.nack(message, false, true);
    });
    await until('the message is in the dead queue', async () => (await channel.checkQueue(topology.deadQueueOf(context))).messageCount === messages);
    expect(deliveries).toBeGreaterThan(100);
    await channel.close();
  }
});
