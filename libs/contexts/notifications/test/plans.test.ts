import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Database } from '@banyan/kernel/persistence';
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
    expect(await wholeReads(ours)).toEqual([]);
  });
});

/** Statements for which no index is of use: with sequential scans discouraged, these still need one. */
async function wholeReads(statements: readonly Parameters<Database['query']>[]): Promise<string[]> {
  const { database } = bench.ctx;
  return database.transaction(async () => {
    await database.query('SET LOCAL enable_seqscan = off');
    const found: string[] = [];
    for (const [sql, params] of statements) {
      const plan = JSON.stringify(await database.query(`EXPLAIN ${sql}`, params));
      if (plan.includes('Seq Scan')) found.push(sql);
    }
    return found;
  });
}
