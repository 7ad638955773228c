import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChannelModel, connect } from 'amqplib';
import { TcpProxy, type TestBroker, testBroker } from '../../../testing/plain.js';
import { BrokerCannotConfirm, BrokerRefuses, RabbitMqTransport, TopologyDrift } from '../../index.js';
import { contextNames } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import { until } from '../../test/until.js';

describe('the start', () => {
  let house: House;
  let broker: TestBroker;
  let operator: ChannelModel;
  beforeAll(async () => {
    house = await House.open();
    operator = await connect((await testBroker()).url);
  });
  afterAll(async () => {
    await operator.close();
    await house.close();
  });
  beforeEach(async () => { broker = await testBroker(); });
  afterEach(() => broker.drop(contextNames));

  const start = (url = broker.url) => house.instance({ transport: new RabbitMqTransport({ ...broker, url }) });

  it('is refused with every queue and exchange that has other arguments, and what to do about it', async () => {
    const channel = await operator.createChannel();
    const { namespace } = broker;
    await channel.assertExchange(`${namespace}.events`, 'fanout');
    await channel.assertQueue(`${namespace}.left.lane-2`, { arguments: { 'x-queue-type': 'quorum', 'x-single-active-consumer': true, 'x-delivery-limit': 5 } });
    await channel.assertQueue(`${namespace}.right.dead`, { arguments: { 'x-queue-type': 'classic' } });
    await channel.close();
    const starting = start();
    await expect(starting).rejects.toThrow(TopologyDrift);
    await expect(starting).rejects.toThrow(`The exchange "${namespace}.events" has type = fanout; this version declares topic.`);
    await expect(starting).rejects.toThrow(new RegExp(`The queue "${namespace}.left.lane-2" has x-[a-z-]+ = .+; this version declares .+\\.`));
    await expect(starting).rejects.toThrow(new RegExp(`The queue "${namespace}.right.dead" has x-[a-z-]+ = .+; this version declares .+\\.`));
    await expect(starting).rejects.toThrow('rabbitmqctl delete_queue NAME');
  });

  it('is refused when user, password or virtual host are wrong, without the password in the message', async () => {
    const [otherPassword, otherHost] = [new URL(broker.url), new URL(broker.url)];
    otherPassword.password = 'wrong-secret';
    otherHost.pathname = '/nowhere';
    for (const { href } of [otherPassword, otherHost]) {
      const starting = start(href);
      await expect(starting).rejects.toThrow(BrokerRefuses);
      await expect(starting).rejects.not.toThrow('wrong-secret');
    }
  });

  it('is refused by a broker that cannot confirm what it takes', async () => {
    const proxy = await TcpProxy.to(Number(new URL(broker.url).port || 5672));
    // In the broker's greeting: the name of the capability, the type boolean, and its value.
    proxy.change((bytes) => Buffer.from(bytes.toString('latin1').replace('publisher_confirmst\x01', 'publisher_confirmst\x00'), 'latin1'));
    await expect(start(proxy.through(broker.url))).rejects.toThrow(BrokerCannotConfirm);
    await proxy.stop();
  });

  it('does not wait for a broker that is away: events go out when it comes, and readiness tells', async () => {
    const proxy = await TcpProxy.to(Number(new URL(broker.url).port || 5672));
    proxy.close();
    const instance = await start(proxy.through(broker.url));
    expect(instance.bus.health()).toEqual({ is: 'degraded', because: 'RabbitMQ cannot be reached.' });
    await instance.count('a');
    expect(await house.look('source', 'SELECT FROM outbox_unread')).toHaveLength(1);
    proxy.open();
    await until('the bus is idle', () => instance.bus.idle());
    expect(instance.bus.health()).toEqual({ is: 'up' });
    expect((await house.heard('left'))['a']).toEqual([1]);
    await instance.stop();
    await proxy.stop();
  });
});
