import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, testDatabase } from '@banyan/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Mailbox, openMailbox } from './mailbox.js';
import { ShopProcess } from './shop-process.js';
import { type Person, type ShopUnderTest, Shopping, openShop } from './shop.js';

const parcel = { carrier: 'Royal Mail', trackingNumber: 'RM-42' };

let mailbox: Mailbox;
let house: ShopUnderTest;
let shop: Shopping;
beforeAll(async () => {
  mailbox = await openMailbox();
  house = await openShop({ SMTP_URL: `smtp://127.0.0.1:${mailbox.port}`, MAIL_FROM: 'hello@garden.example' });
  shop = house.shop;
});
afterAll(async () => {
  await house.close();
  await mailbox.close();
});

const staffPosts = (path: string, body?: object) => shop.send('POST', path, { token: shop.staff.token, body });

async function confirmedOrder(): Promise<{ id: string; shipmentId: string; customer: Person }> {
  const [sku, customer] = [await shop.article({ price: 1_250 }), await shop.customer()];
  const id = await shop.order(customer.token, [{ sku, quantity: 1 }]);
  expect(await shop.settled(id)).toMatchObject({ status: 'confirmed' });
  return { id, shipmentId: (await shop.shipmentOf(id)).id, customer };
}

/** The names of the events of the order's stream; resolves when the stream ends. */
async function stationsOf(orderId: string, token: string): Promise<string[]> {
  const response = await fetch(new URL(`/v1/orders/${orderId}/events`, shop.url), { headers: { authorization: `Bearer ${token}` } });
  return [...(await response.text()).matchAll(/^event: ?(.*)$/gm)].map(([, name = '']) => name);
}

describe('the goods of an order', () => {
  it('leave and arrive; the order follows, its stream ends, the report shows it, and the customer is written to', async () => {
    const { id, shipmentId, customer } = await confirmedOrder();
    const stream = stationsOf(id, customer.token);

    expect(await staffPosts(`/v1/shipments/${shipmentId}/deliveries`)).toMatchObject({ status: 409, body: { code: 'shipment-not-deliverable' } });
    expect(await staffPosts(`/v1/shipments/${shipmentId}/dispatches`, parcel)).toMatchObject({ status: 201, body: { status: 'dispatched', ...parcel } });
    expect(await shop.inStatus(id, ['shipped'])).toMatchObject({ status: 'shipped' });
    const cancelling = await shop.send('POST', `/v1/orders/${id}/cancellations`, { token: customer.token, body: { reason: 'Too late.' } });
    expect(cancelling).toMatchObject({ status: 409, body: { code: 'order-not-cancellable' } });

    expect(await staffPosts(`/v1/shipments/${shipmentId}/deliveries`)).toMatchObject({ status: 201, body: { status: 'delivered' } });
    await shop.inStatus(id, ['delivered']);
    expect(await stream).toEqual(['pending', 'confirmed', 'shipped', 'delivered']);

    await house.monolith.settled();
    expect((await shop.send('GET', `/v1/reports/orders/${id}`, { token: customer.token })).body).toMatchObject({
      status: 'delivered', payment: { status: 'captured' }, shipment: { id: shipmentId, status: 'delivered', ...parcel },
    });
    const { body: told } = await shop.send('GET', '/v1/notifications', { token: customer.token });
    expect(told.data.map((it: { kind: string; status: string }) => [it.kind, it.status])).toEqual([['shipment-dispatched', 'sent'], ['order-confirmed', 'sent']]);
    const mails = mailbox.mails.filter((it) => it.replaceAll('=\r\n', '').includes(id));
    expect(mails).toHaveLength(2);
    expect(mails.find((it) => it.includes('Subject: Your order is on its way'))).toContain(parcel.trackingNumber);
    expect(mails.every((it) => it.includes('From: hello@garden.example'))).toBe(true);
  }, 60_000);

  it('stay here when the order is cancelled first, and the customer is told', async () => {
    const { id, shipmentId, customer } = await confirmedOrder();
    expect((await shop.send('POST', `/v1/orders/${id}/cancellations`, { token: customer.token, body: { reason: 'Too big.' } })).status).toBe(202);
    await shop.inStatus(id, ['cancelled']);
    await house.monolith.settled();
    expect(await shop.shipmentOf(id)).toMatchObject({ id: shipmentId, status: 'cancelled', needsRecall: false });
    expect(await staffPosts(`/v1/shipments/${shipmentId}/dispatches`, parcel)).toMatchObject({ status: 409, body: { code: 'shipment-not-dispatchable' } });
    expect(await shop.inStatus(id, ['cancelled'])).toMatchObject({ status: 'cancelled' });
    const { body: told } = await shop.send('GET', '/v1/notifications', { token: customer.token });
    expect(told.data.map((it: { kind: string }) => it.kind)).toEqual(['order-cancelled', 'order-confirmed']);
  });

  it('of an external customer are shipped like all others, and nobody is written to', async () => {
    const sku = await shop.article();
    const before = mailbox.mails.length;
    const { body: { id } } = await staffPosts('/v1/orders', { customerId: '17850', placedAt: '2010-12-01T08:26:00Z', lines: [{ sku, quantity: 1, unitPrice: 255 }] });
    await shop.settled(id);
    const { id: shipmentId } = await shop.shipmentOf(id);
    expect((await staffPosts(`/v1/shipments/${shipmentId}/dispatches`, parcel)).status).toBe(201);
    await shop.inStatus(id, ['shipped']);
    await house.monolith.settled();
    expect(mailbox.mails).toHaveLength(before);
    expect(await house.storage.query(`SELECT count(*)::int AS rows FROM notifications.notification WHERE order_id = $1`, [id])).toEqual([{ rows: 0 }]);
  });
});

describe('mail', () => {
  it('is put into the data folder where there is no server', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'banyan-mail-'));
    const other = await openShop({ DATA_DIR: dataDir });
    const [sku, customer] = [await other.shop.article({ stock: 0 }), await other.shop.customer()];
    const id = await other.shop.order(customer.token, [{ sku, quantity: 1 }]);
    await other.shop.settled(id);
    await other.monolith.settled();
    const [file, ...more] = await readdir(join(dataDir, 'mail'));
    expect(more).toEqual([]);
    expect(await readFile(join(dataDir, 'mail', String(file)), 'utf8')).toContain('Subject: Your order could not be accepted');
    await other.close();
    await rm(dataDir, { recursive: true });
  });

  it('leaves neither the password of the server nor an address in the log, also when the server refuses us', async () => {
    const strict = await openMailbox('the right one');
    const [dataDir, storage] = [await mkdtemp(join(tmpdir(), 'banyan-mail-')), await testDatabase()];
    const process = await ShopProcess.start({ DATA_DIR: dataDir, DATABASE_URL: storage.url, SMTP_URL: `smtp://shop:kf93kd92@127.0.0.1:${strict.port}` });
    const own = await Shopping.at(process.url, await process.operator());
    const [sku, customer] = [await own.article(), await own.customer()];
    await own.settled(await own.order(customer.token, [{ sku, quantity: 1 }]));
    await eventually(() => {
      expect(strict.passwords).toContain('kf93kd92');
      expect(process.lines.filter((line) => JSON.stringify(line).includes('The mail server did not take the message (535')).length).toBeGreaterThan(0);
    });
    expect(await process.kill('SIGTERM')).toBe(0);
    const log = JSON.stringify(process.lines);
    expect(['kf93kd92', '@shop.example', 'A customer'].filter((it) => log.includes(it))).toEqual([]);
    expect(process.screen.includes('kf93kd92')).toBe(false);
    await strict.close();
    await storage.drop();
    await rm(dataDir, { recursive: true });
  }, 60_000);
});
