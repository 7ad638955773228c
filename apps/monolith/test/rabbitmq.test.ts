import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApp } from '@banyan/kernel/app';
import { TcpProxy, type TestBroker, eventually, testBroker } from '@banyan/kernel/testing';
import { connect } from 'amqplib';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contexts } from '../contexts.js';
import { monolith } from '../monolith.js';
import { readConfig } from './read-config.js';
import { type ShopUnderTest, type Shopping, openShop } from './shop.js';

describe('the shop with EVENT_BUS=rabbitmq', () => {
  let broker: TestBroker;
  let proxy: TcpProxy;
  let house: ShopUnderTest;
  let shop: Shopping;
  beforeAll(async () => {
    broker = await testBroker();
    proxy = await TcpProxy.to(Number(new URL(broker.url).port || 5672));
    house = await openShop({ EVENT_BUS: 'rabbitmq', AMQP_URL: proxy.through(broker.url), AMQP_NAMESPACE: broker.namespace });
    shop = house.shop;
  });
  afterAll(async () => {
    await house.close();
    await proxy.stop();
    await broker.drop(contexts.map(({ name }) => name));
  });

  async function order(quantity: number): Promise<string> {
    const [sku, customer] = [await shop.article({ price: 1_250, stock: 10 }), await shop.customer()];
    return shop.order(customer.token, [{ sku, quantity }]);
  }

  const report = async (id: string) => (await shop.send('GET', `/v1/reports/orders/${id}`, { token: shop.staff.token })).body;
  const units = async (): Promise<number> => {
    const { body } = await shop.send('GET', '/v1/reports/sales', { token: shop.staff.token });
    return body.data.reduce((sum: number, day: { units: number }) => sum + day.units, 0);
  };
  const readiness = async () => (await shop.send('GET', '/health/ready')).body;

  it('confirms an order, reports it, and lets others listen who have nothing but an AMQP client', async () => {
    const listener = await connect(broker.url);
    const channel = await listener.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, `${broker.namespace}.events`, 'ordering.order-confirmed.#');
    const heard: unknown[] = [];
    await channel.consume(queue, (message) => { heard.push(JSON.parse(message?.content.toString() ?? 'null')); }, { noAck: true });
    const id = await order(3);
    expect(await shop.settled(id)).toMatchObject({ status: 'confirmed', total: { amount: 3_750 } });
    await house.monolith.settled();
    expect(await report(id)).toMatchObject({ id, status: 'confirmed', units: 3, payment: { status: 'captured' } });
    expect(heard).toEqual([expect.objectContaining({ specversion: '1.0', type: 'ordering.order-confirmed', subject: id })]);
    await listener.close();
  });

  it('ships and counts what was sold', async () => {
    const before = await units();
    const ids = await Promise.all([1, 2, 3].map(order));
    for (const id of ids) expect(await shop.settled(id)).toMatchObject({ status: 'confirmed' });
    await house.monolith.settled();
    expect(await units()).toBe(before + 6);
    const { body: shipments } = await shop.send('GET', '/v1/shipments', { token: shop.staff.token });
    expect(shipments.data.map((it: { orderId: string }) => it.orderId)).toEqual(expect.arrayContaining(ids));
  });

  it('takes and confirms orders while RabbitMQ is away, says that it is degraded, and reports them when it is back', async () => {
    expect((await readiness()).status).toBe('ok');
    proxy.close();
    await eventually(async () => { expect(await readiness()).toMatchObject({ status: 'degraded', checks: { 'event-bus': { status: 'degraded' } } }); });
    const id = await order(1);
    expect(await shop.settled(id)).toMatchObject({ status: 'confirmed' });
    expect(await report(id)).not.toMatchObject({ status: 'confirmed' });
    proxy.open();
    await eventually(async () => { expect((await readiness()).status).toBe('ok'); });
    await house.monolith.settled();
    expect(await report(id)).toMatchObject({ id, status: 'confirmed' });
  });

  it('goes on in process after a stop, on the same database and without a broker', async () => {
    const id = await order(2);
    await shop.settled(id);
    await house.monolith.stop();
    const dataDir = await mkdtemp(join(tmpdir(), 'banyan-shop-'));
    const { email, password } = house.monolith.operator;
    const inProcess = await startApp(monolith, readConfig({
      PORT: '0', DATA_DIR: dataDir, DATABASE_URL: house.storage.url, LOG_LEVEL: 'error', ADMIN_EMAIL: email, ADMIN_PASSWORD: password,
    }));
    await inProcess.settled();
    expect(await house.storage.query('SELECT status, units FROM reporting.order_report WHERE order_id = $1', [id])).toEqual([expect.objectContaining({ status: 'confirmed' })]);
    await inProcess.stop();
    await rm(dataDir, { recursive: true });
  });
});
