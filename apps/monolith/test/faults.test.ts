import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '@banyan/kernel/testing';
import { type Answer, type ShopUnderTest, type Shopping, openShop } from './shop.js';

describe('faults that somebody asks for', () => {
  let house: ShopUnderTest;
  let shop: Shopping;
  beforeAll(async () => {
    house = await openShop();
    shop = house.shop;
  }, 60_000);
  afterAll(() => house.close(), 60_000);

  const set = (fault: object, token = shop.staff.token): Promise<Answer> =>
    shop.send('POST', '/ops/v1/faults', { token, body: { target: 'catalog', kind: 'error', seconds: 60, reason: 'a test', ...fault } });
  const products = (headers: Record<string, string> = {}): Promise<Answer> => shop.send('GET', '/v1/products?limit=1', { token: shop.staff.token, headers });

  it('happen at once, are listed with who and why, and are over when somebody ends them', async () => {
    const { status, body } = await set({});
    expect({ status, body }).toMatchObject({ status: 201, body: { target: 'catalog', kind: 'error', percent: 100, side: null, actor: shop.staff.id, reason: 'a test', isOver: false } });
    expect(await products()).toMatchObject({ status: 500, body: { code: 'injected-fault' } });
    expect((await shop.send('GET', '/v1/me', { token: shop.staff.token })).status).toBe(200);
    expect(await shop.send('DELETE', `/ops/v1/faults/${body.id}`, { token: shop.staff.token })).toMatchObject({ status: 200, body: { isOver: true } });
    expect((await products()).status).toBe(200);
    expect((await shop.send('GET', '/ops/v1/faults', { token: shop.staff.token })).body.data).toContainEqual(expect.objectContaining({ id: body.id, isOver: true }));
  });

  it('end by themselves', async () => {
    await set({ seconds: 1, kind: 'drop', target: 'GET /v1/products' });
    await expect(products()).rejects.toThrow('fetch failed');
    await eventually(async () => { expect((await products()).status).toBe(200); });
  });

  it('let an order wait for a part that fails, and go through afterwards, charged once', async () => {
    const { body } = await set({ target: 'payments.authorize-payment' });
    const customer = await shop.customer();
    const sku = await shop.article({ price: 100, stock: 5 });
    const id = await shop.order(customer.token, [{ sku, quantity: 1 }]);
    await eventually(async () => {
      const figures = await (await fetch(new URL('/metrics', shop.url))).text();
      expect(figures).toMatch(/banyan_saga_step_failures_total\{[^}]*\} [1-9]/);
      expect((await shop.send('GET', `/v1/orders/${id}`, { token: customer.token })).body.status).toBe('pending');
    });
    await shop.send('DELETE', `/ops/v1/faults/${body.id}`, { token: shop.staff.token });
    expect(await shop.settled(id, 60_000)).toMatchObject({ status: 'confirmed' });
    await eventually(async () => { expect(await shop.paymentOf(id)).toMatchObject({ status: 'captured', captured: { amount: 100 } }); });
  }, 90_000);

  it('can be asked for by a single request', async () => {
    expect(await products({ 'x-banyan-fault': 'catalog error' })).toMatchObject({ status: 500, body: { code: 'injected-fault' } });
    expect(await products({ 'x-banyan-fault': 'catalog burn' })).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
    expect((await products()).status).toBe(200);
  });

  it('are for operators, hit only what there is, and are one when sent twice', async () => {
    const customer = await shop.customer();
    expect((await set({}, customer.token)).status).toBe(403);
    for (const target of ['billing', 'payments.burn', 'GET /v1/nowhere', 'GET', 'BURN /v1/products']) expect(await set({ target })).toMatchObject({ status: 400, body: { errors: [{ path: '/target' }] } });
    expect(await set({ kind: 'delay' })).toMatchObject({ status: 400, body: { errors: [{ path: '/delayMs' }] } });
    expect((await set({ seconds: 3_601 })).status).toBe(400);
    expect((await shop.send('DELETE', '/ops/v1/faults/999999', { token: shop.staff.token })).status).toBe(404);
    const twice = await Promise.all([1, 2].map(() => shop.send('POST', '/ops/v1/faults', { token: shop.staff.token, key: 'the same wish', body: { target: 'reporting', kind: 'error', seconds: 1, reason: 'a test' } })));
    expect(new Set(twice.map(({ body }) => body.id)).size).toBe(1);
  });
});
