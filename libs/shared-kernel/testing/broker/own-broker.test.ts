import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { type OwnBroker, ownBroker } from './own-broker.js';
import { TcpProxy } from './tcp-proxy.js';

describe('a broker of a test\'s own', () => {
  let broker: OwnBroker;
  beforeAll(async () => { broker = await ownBroker(); }, 120_000);
  afterAll(() => broker.remove());

  it('keeps what it confirmed when it is killed and started again', async () => {
    const before = await connect(broker.url);
    before.on('error', () => undefined);
    const channel = await before.createConfirmChannel();
    await channel.assertQueue('kept', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue('kept', Buffer.from('still here'));
    await channel.waitForConfirms();
    await broker.kill();
    await expect(connect(broker.url)).rejects.toThrow('ECONNREFUSED');
    await broker.start();
    const after = await connect(broker.url);
    const message = await (await after.createChannel()).get('kept');
    expect(message && message.content.toString()).toBe('still here');
    await after.close();
  }, 120_000);

  it('can be cut off in the middle of what it says', async () => {
    const proxy = await TcpProxy.to(broker.port);
    const through = await connect(proxy.through(broker.url));
    const { promise: lost, resolve } = Promise.withResolvers<void>();
    through.on('error', () => undefined);
    through.on('close', () => resolve());
    const cut = proxy.cutAfter(5, 'to-client');
    const waiting = through.createChannel();
    await Promise.all([cut, lost, expect(waiting).rejects.toThrow('no reply will be forthcoming')]);
    await proxy.stop();
  });
});
