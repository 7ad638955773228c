import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Chance, newSeed } from '@banyan/kernel/testing';
import { Notify } from '../src/notify.js';
import { NotificationsUnderTest } from './notifications-under-test.js';
import { PostOffice } from './post-office.js';

let office: PostOffice;
let bench: NotificationsUnderTest;
beforeAll(async () => {
  office = await PostOffice.open();
  bench = await NotificationsUnderTest.open({ smtpUrl: office.url });
});
afterAll(async () => {
  await bench.ctx.close();
  await office.close();
});

describe('a registered customer', () => {
  it('is written to when an order is confirmed, rejected or cancelled, and when it leaves', async () => {
    const customer = await bench.registered();
    const orderId = await bench.everything(customer.id);
    await bench.ctx.settle();

    const mails = office.for(customer.email);
    expect(mails.map((it) => it.headers['subject']).sort()).toEqual([
      'Your order could not be accepted', 'Your order is cancelled', 'Your order is confirmed', 'Your order is on its way',
    ]);
    const onItsWay = mails.find((it) => it.headers['subject'] === 'Your order is on its way');
    expect(onItsWay?.headers).toMatchObject({
      from: 'shop@shop.example', to: `Mary Ann <${customer.email}>`, 'auto-submitted': 'auto-generated', 'message-id': expect.stringMatching(/^<[0-9a-f-]{36}@shop\.example>$/),
    });
    expect(onItsWay?.text).toContain('Dear Mary Ann,');
    expect(onItsWay?.text.replaceAll(/=\r\n|\r\n/g, '')).toContain(orderId);
  });

  it('sees the same under /v1/notifications, page by page, and nobody else does', async () => {
    const customer = await bench.registered();
    const orderId = await bench.everything(customer.id);
    await bench.ctx.settle();

    const first = await bench.list(customer, '?limit=3');
    const second = await bench.list(customer, `?limit=3&cursor=${first.body.nextCursor}`);
    expect([first.body.hasMore, second.body.hasMore, second.body.nextCursor]).toEqual([true, false, null]);
    const all = [...first.body.data, ...second.body.data];
    expect(all.map((it) => it.kind).sort()).toEqual(['order-cancelled', 'order-confirmed', 'order-rejected', 'shipment-dispatched']);
    expect(all).toEqual(all.map((it) => ({
      id: it.id, kind: it.kind, orderId, subject: expect.any(String), text: expect.stringContaining(orderId), status: 'sent', notedAt: expect.any(String), sentAt: expect.any(String),
    })));
    expect(JSON.stringify(all)).not.toContain(customer.name);
    expect((await bench.list({ id: randomUUID() })).body.data).toEqual([]);
    expect((await bench.ctx.http('GET', '/v1/notifications')).status).toBe(401);
  });

  it('is told once of one event', async () => {
    const customer = await bench.registered();
    const event = { eventId: randomUUID(), customerId: customer.id, orderId: randomUUID() };
    for (let i = 0; i < 2; i += 1) {
      await bench.ctx.input(() => bench.ctx.database.transaction(() =>
        bench.ctx.get(Notify).run(event, { is: 'order-rejected', reason: { code: 'x', message: 'No.' } })));
    }
    await bench.ctx.settle();
    expect(await bench.statuses(customer)).toEqual(['sent']);
    expect(office.for(customer.email)).toHaveLength(1);
  });
});

describe('news of somebody without an address', () => {
  it('waits for them to register', async () => {
    const customer = bench.someCustomer();
    await bench.rejected(customer.id);
    await bench.ctx.settle();
    expect(await bench.statuses(customer)).toEqual(['no-address']);

    await bench.register(customer);
    await bench.ctx.settle();
    expect(await bench.statuses(customer)).toEqual(['sent']);
    expect(office.for(customer.email)).toHaveLength(1);
  });

  it.each([['an external number', '17850'], ['a guest', 'guest'], ['nobody that the event names', null]])('costs no row and no saga when it is %s', async (_, customerId) => {
    const counts = () => bench.ctx.database.query('SELECT (SELECT count(*) FROM notification) + (SELECT count(*) FROM recipient) + (SELECT count(*) FROM saga) AS everything');
    const before = await counts();
    if (customerId === null) await bench.rejected(null);
    else await bench.everything(customerId);
    await bench.ctx.settle();
    expect(await counts()).toEqual(before);
  });

  const seed = newSeed();

  it(`goes out exactly once when the registration comes at the same moment (seed ${seed})`, async () => {
    const chance = new Chance(seed);
    const customers = Array.from({ length: 25 }, () => bench.someCustomer());
    await Promise.all(customers.map(async (customer) => {
      const isOrderFirst = chance.next() < 0.5;
      const both = [() => bench.register(customer), () => bench.rejected(customer.id)];
      await Promise.all((isOrderFirst ? both.toReversed() : both).map((step) => step()));
    }));
    await bench.ctx.settle();
    for (const customer of customers) {
      expect({ statuses: await bench.statuses(customer), mails: office.for(customer.email).length }).toEqual({ statuses: ['sent'], mails: 1 });
    }
  });
});
