import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { ShadowUnderTest } from '../../testing/index.js';
import { bothSides } from './same-rows.js';
import { key, tillUnderTest } from './till-under-test.js';
import { tillContract } from './till-words.fixture.js';

describe('changes by other hands while a shadow plays', () => {
  let both: ShadowUnderTest;
  beforeAll(async () => {
    both = await tillUnderTest();
    await both.begin();
  });
  afterAll(() => both.close());

  it('reach the copy in their turn: by an operator, a job of several statements, a TRUNCATE, and the context outside of any input', async () => {
    const till = both.context.host.clientOf(tillContract);
    const { saleId } = await till.ring({ sku: 'apple', quantity: 1, price: 100 }, key());
    await both.context.storage.query(`UPDATE till.sale SET note = 'by hand', version = 7`);
    expect(await till.note({ saleId, note: 'after' }, key())).toEqual({ version: 8 });
    await both.context.storage.query('TRUNCATE till.reminder');
    await both.context.storage.query(`BEGIN; INSERT INTO till.stock VALUES ('pear', 5); DELETE FROM till.stock WHERE sku = 'pear'; INSERT INTO till.stock VALUES ('plum', 3); COMMIT`);
    await both.context.database.query(`UPDATE drawer SET balance = balance + 11`);
    await till.takeOut({ pence: 1 }, key());
    await till.pay({ saleId }, key());
    const { findings, run } = await both.report();
    expect(findings).toEqual([]);
    expect(run).toMatchObject({ state: 'playing', dropped: 0 });
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
    expect(copy).toMatchObject({ drawer: [expect.stringContaining('"balance":10')], stock: [expect.stringContaining('plum')] });
  });

  it('cannot be made by the copy\'s role: it reaches neither the context nor what was found', async () => {
    const elsewhere = new URL(both.copyUrl);
    elsewhere.pathname = new URL(both.context.storage.url).pathname;
    await expect(asked(elsewhere.href, 'SELECT 1')).rejects.toThrow(/permission denied/);
    await expect(asked(both.copyUrl, 'SELECT * FROM till.tape_key')).rejects.toThrow(/permission denied/);
    await expect(asked(both.copyUrl, 'CREATE TABLE till.mine (id int)')).rejects.toThrow(/permission denied/);
  });

  it('cannot be made by whoever reads the tape: no other table of the context is open to them', async () => {
    await both.context.storage.query(`SET ROLE banyan_parallel_run; SELECT count(*) FROM till.tape`);
    for (const table of ['sale', 'customer', 'outbox', 'command_log', 'tape_key']) {
      await expect(both.context.storage.query(`SET ROLE banyan_parallel_run; SELECT * FROM till.${table}`)).rejects.toThrow(/permission denied/);
    }
    await expect(both.context.storage.query(`SET ROLE banyan_parallel_run; DELETE FROM till.tape`)).rejects.toThrow(/permission denied/);
  });
});

async function asked(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => undefined);
  }
}
