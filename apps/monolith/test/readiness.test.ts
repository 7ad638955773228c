import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@banyan/kernel/testing';
import { program } from '../../../cli/program.js';
import { type ShopUnderTest, openShop } from './shop.js';

/** Orders that a shop takes before it is asked; more than the fewest inputs that prove something. */
const ORDERS = 25;

describe('npx banyan readiness --measure', () => {
  let house: ShopUnderTest;
  let dataDir: string;
  beforeAll(async () => {
    house = await openShop();
    dataDir = await mkdtemp(join(tmpdir(), 'banyan-readiness-'));
    await writeFile(join(dataDir, 'operator.json'), JSON.stringify(house.monolith.operator));
    process.env['DATA_DIR'] = dataDir;
  });
  afterAll(async () => {
    delete process.env['DATA_DIR'];
    await house.close();
    await rm(dataDir, { recursive: true });
  });

  /** What a person who types it sees, with the exit code. */
  async function banyan(...words: string[]): Promise<{ readonly text: string; readonly exitCode: typeof process.exitCode }> {
    const printed: string[] = [];
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    const before = process.exitCode;
    try {
      await program().parseAsync(words, { from: 'user' });
      return { text: printed.join(''), exitCode: process.exitCode };
    } finally {
      out.mockRestore();
      process.exitCode = before;
    }
  }

  it('adds what the running shop has counted: calls, inputs and how long they take', async () => {
    const { shop } = house;
    const [sku, customer] = [await shop.article({ stock: 1_000 }), await shop.customer()];
    const ids: string[] = [];
    for (let i = 0; i < ORDERS; i += 1) ids.push(await shop.order(customer.token, [{ sku, quantity: 1 }]));
    for (const id of ids) await shop.settled(id);
    await house.monolith.settled();

    const { text, exitCode } = await banyan('readiness', 'catalog', '--url', shop.url, '--json');
    expect(exitCode).toBe(0);
    const report = JSON.parse(text) as { measured: { meanMs: number }[]; reasons: { code: string; effect: string }[] };
    expect(report).toMatchObject({
      ok: true, context: 'catalog', verdict: 'ready, with care', limits: { hopMs: 3 },
      measured: [{ from: 'ordering', to: 'catalog', operation: 'catalog.price-products', calls: ORDERS, inputs: ORDERS, callsPerInput: 1, failed: 0 }],
    });
    expect(report.measured[0]?.meanMs).toBeGreaterThan(0);
    expect(report.reasons[0]).toMatchObject({ code: 'waited-for', effect: expect.stringContaining('(measured: 1 per input, ') });
  });

  it('shows people the same, and counts the steps of sagas and what the app itself asks', async () => {
    await eventually(async () => {
      const { text } = await banyan('readiness', 'payments', '--url', house.shop.url);
      expect(text).toMatch(/^Measured since the process was started$/m);
      expect(text).toMatch(new RegExp(`^ {2}ordering +payments\\.authorize-payment +${ORDERS} +${ORDERS} +1 `, 'm'));
      expect(text).toContain('payments can be lifted out. Next: npx banyan extract payments --dry-run');
    });
    expect((await banyan('readiness', 'identity', '--url', house.shop.url)).text).toMatch(/^ {2}app +identity\.signing-keys +\d+ /m);
  });

  it('says so when nobody answers, or when there is no such context', async () => {
    await expect(banyan('readiness', 'catalog', '--url', 'http://127.0.0.1:9')).rejects.toThrow('Nothing answers at http://127.0.0.1:9');
    await expect(banyan('readiness', 'attic')).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining('There is no context "attic".') });
  });
});
