import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { wholeReads } from '@banyan/kernel/testing';
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

describe('the statements of a notification', () => {
  it('need to read no table as a whole', async () => {
    const spy = jest.spyOn(bench.ctx.database, 'query');
    const late = bench.someCustomer();
    await bench.rejected(late.id);
    await bench.ctx.settle();
    await bench.register(late);
    await bench.ctx.settle();
    await bench.everything(late.id);
    await bench.ctx.settle();
    const { body } = await bench.list(late, '?limit=1');
    await bench.list(late, `?cursor=${body.nextCursor}`);
    const ours = spy.mock.calls.filter(([sql]) => /\b(?:notification|recipient)\b/.test(sql));
    spy.mockRestore();

    expect(ours.length).toBeGreaterThan(20);
    expect(await wholeReads(bench.ctx.database, ours)).toEqual([]);
  });
});
