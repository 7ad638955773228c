import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NotFound, type ClientOf } from '@banyan/kernel/contract';
import { type ContextUnderTest, contextUnderTest } from '@banyan/kernel/testing';
import { OutOfStock, ReservationClosed, inventoryContract } from '../contract/index.js';
import { inventory } from '../index.js';

let ctx: ContextUnderTest;
let stock: ClientOf<typeof inventoryContract>;
const staff = { id: randomUUID(), roles: ['staff'] };
const customer = { id: randomUUID(), roles: ['customer'] };

beforeAll(async () => {
  ctx = await contextUnderTest(inventory);
  stock = ctx.host.clientOf(inventoryContract);
});
afterAll(() => ctx.close());

const key = () => ({ idempotencyKey: randomUUID() });
const receive = (sku: string, quantity: number) => ctx.http('POST', `/v1/stock/${encodeURIComponent(sku)}/receipts`, { as: staff, body: { quantity } });
const show = async (sku: string) => (await ctx.http('GET', `/v1/stock/${encodeURIComponent(sku)}`, { as: customer })).body;
const order = (...lines: [sku: string, quantity: number][]) => ({ orderId: randomUUID(), lines: lines.map(([sku, quantity]) => ({ sku, quantity })) });

describe('GET and POST /v1/stock', () => {
  it('shows the shelf after a receipt, and adds the next one to it', async () => {
    const first = await receive('MUG-1', 5);
    expect([first.status, first.body]).toEqual([201, { sku: 'MUG-1', onHand: 5, reserved: 0, available: 5 }]);
    expect((await receive('MUG-1', 3)).body).toEqual({ sku: 'MUG-1', onHand: 8, reserved: 0, available: 8 });
    expect(await show('MUG-1')).toEqual({ sku: 'MUG-1', onHand: 8, reserved: 0, available: 8 });
  });

  it('books a receipt once, however often it is sent', async () => {
    const again = { as: staff, body: { quantity: 4 }, key: randomUUID() };
    await ctx.http('POST', '/v1/stock/ONCE/receipts', again);
    const second = await ctx.http('POST', '/v1/stock/ONCE/receipts', again);
    expect([second.status, second.headers['idempotent-replayed'], second.body.onHand]).toEqual([201, 'true', 4]);
    expect(await show('ONCE')).toMatchObject({ onHand: 4 });
  });

  it('finds an article whose code needs escaping in an address', async () => {
    await receive('A/B & C#1', 2);
    expect(await show('A/B & C#1')).toMatchObject({ sku: 'A/B & C#1', onHand: 2 });
  });

  it('knows nothing of an article that never came', async () => {
    const answer = await ctx.http('GET', '/v1/stock/NEVER', { as: customer });
    expect([answer.status, answer.body.code]).toEqual([404, 'not-found']);
  });

  it.each([[0], [-1], [1.5], [1_000_000_001], ['5'], [null]])('refuses a receipt of %p', async (quantity) => {
    const answer = await ctx.http('POST', '/v1/stock/MUG-1/receipts', { as: staff, body: { quantity } });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid-input']);
    expect(answer.body.errors[0].path).toBe('/quantity');
  });

  it('is for those who are signed in, receipts for staff alone', async () => {
    expect((await ctx.http('GET', '/v1/stock/MUG-1')).status).toBe(401);
    expect((await ctx.http('POST', '/v1/stock/MUG-1/receipts', { as: customer, body: { quantity: 1 } })).status).toBe(403);
    expect((await ctx.http('POST', '/v1/stock/MUG-1/receipts', { body: { quantity: 1 } })).status).toBe(401);
  });
});

describe('a reservation', () => {
  it('holds, is taken, and comes back whole when it is released', async () => {
    await receive('LIFE', 10);
    const held = order(['LIFE', 2], ['LIFE', 3]);
    await stock.reserveStock(held, key());
    expect(await show('LIFE')).toMatchObject({ onHand: 10, reserved: 5, available: 5 });
    expect(await stock.takeStock({ orderId: held.orderId }, key())).toEqual({ is: 'taken' });
    expect(await show('LIFE')).toMatchObject({ onHand: 5, reserved: 0, available: 5 });
    await stock.releaseStock({ orderId: held.orderId }, key());
    expect(await show('LIFE')).toMatchObject({ onHand: 10, reserved: 0, available: 10 });
  });

  it('is all or nothing, and names every article that is short', async () => {
    await receive('PLENTY', 10);
    await receive('SCARCE', 1);
    const wanted = order(['PLENTY', 1], ['SCARCE', 1], ['SCARCE', 1], ['UNHEARD-OF', 4]);
    const refusal = await stock.reserveStock(wanted, key()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(OutOfStock);
    expect(refusal).toMatchObject({
      message: 'Not enough of SCARCE (2 wanted, 1 available), UNHEARD-OF (4 wanted, 0 available).',
      details: { shortages: [{ sku: 'SCARCE', wanted: 2, available: 1 }, { sku: 'UNHEARD-OF', wanted: 4, available: 0 }] },
    });
    expect(await show('PLENTY')).toMatchObject({ reserved: 0 });
    await receive('SCARCE', 1);
    await expect(stock.reserveStock({ ...wanted, lines: wanted.lines.slice(0, 3) }, key())).resolves.toEqual({});
  });

  it('is decided by the state of the order, whatever key the command comes with', async () => {
    await receive('TWICE', 10);
    const held = order(['TWICE', 4]);
    for (let i = 0; i < 3; i += 1) await stock.reserveStock(held, key());
    expect(await show('TWICE')).toMatchObject({ reserved: 4 });
    for (let i = 0; i < 3; i += 1) await stock.takeStock({ orderId: held.orderId }, key());
    expect(await show('TWICE')).toMatchObject({ onHand: 6, reserved: 0 });
    await stock.reserveStock(held, key());
    expect(await show('TWICE')).toMatchObject({ onHand: 6, reserved: 0 });
    for (let i = 0; i < 3; i += 1) await stock.releaseStock({ orderId: held.orderId }, key());
    expect(await show('TWICE')).toMatchObject({ onHand: 10, reserved: 0 });
  });

  it('is refused when the order was released before, and taking then says so', async () => {
    await receive('LATE', 10);
    const late = order(['LATE', 1]);
    await stock.releaseStock({ orderId: late.orderId }, key());
    await expect(stock.reserveStock(late, key())).rejects.toThrow(ReservationClosed);
    expect(await stock.takeStock({ orderId: late.orderId }, key())).toEqual({ is: 'released' });
    expect(await show('LATE')).toMatchObject({ reserved: 0 });
  });

  it('cannot be taken when there never was one', async () => {
    await expect(stock.takeStock({ orderId: randomUUID() }, key())).rejects.toThrow(NotFound);
  });

  it('may have 2,000 lines', async () => {
    const lines = Array.from({ length: 2_000 }, (_, i) => ({ sku: `WIDE-${i}`, quantity: 3 }));
    await stock.returnStock({ returnId: randomUUID(), lines }, key());
    const orderId = randomUUID();
    await stock.reserveStock({ orderId, lines }, key());
    await stock.takeStock({ orderId }, key());
    expect(await show('WIDE-1999')).toMatchObject({ onHand: 0, reserved: 0 });
  });
});

describe('a return', () => {
  it('puts goods on the shelf once, also of an article that was never stocked', async () => {
    const back = { returnId: randomUUID(), lines: [{ sku: 'BACK', quantity: 2 }, { sku: 'BACK', quantity: 1 }] };
    await stock.returnStock(back, key());
    await stock.returnStock(back, key());
    expect(await show('BACK')).toEqual({ sku: 'BACK', onHand: 3, reserved: 0, available: 3 });
  });
});
