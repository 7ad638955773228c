import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { wholeReads } from '@banyan/kernel/testing';
import { orderingContract } from '@banyan/ordering/contract';
import { ShippingUnderTest, staff } from './shipping-under-test.js';

let bench: ShippingUnderTest;
beforeAll(async () => { bench = await ShippingUnderTest.open(); });
afterAll(() => bench.ctx.close());

describe('the statements of a shipment', () => {
  it('need to read no table as a whole', async () => {
    const spy = jest.spyOn(bench.ctx.database, 'query');
    const { id, orderId, customerId } = await bench.pending();
    await bench.dispatch(id);
    await bench.deliver(id);
    await bench.ctx.announce(orderingContract.events.orderCancellationRequested({ orderId }));
    await bench.ctx.settle();
    for (const path of ['', '?status=pending', '?recall=true', `/${id}`]) await bench.ctx.http('GET', `/v1/shipments${path}`, { as: staff });
    await bench.ctx.http('GET', '/v1/shipments', { as: { id: customerId, roles: ['customer'] } });
    const ours = spy.mock.calls.filter(([sql]) => /\bshipment\b/.test(sql));
    spy.mockRestore();

    expect(ours.length).toBeGreaterThan(10);
    expect(await wholeReads(bench.ctx.database, ours)).toEqual([]);
  });
});
