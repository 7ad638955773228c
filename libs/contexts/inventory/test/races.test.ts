import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BanyanError, type ClientOf } from '@banyan/kernel/contract';
import { type ContextUnderTest, contextUnderTest } from '@banyan/kernel/testing';
import { OutOfStock, inventoryContract } from '../contract/index.js';
import { inventory } from '../index.js';

let ctx: ContextUnderTest;
let stock: ClientOf<typeof inventoryContract>;

beforeAll(async () => {
  ctx = await contextUnderTest(inventory);
  stock = ctx.host.clientOf(inventoryContract);
});
afterAll(() => ctx.close());

const key = () => ({ idempotencyKey: randomUUID() });
const bring = (lines: { sku: string; quantity: number }[]) => stock.returnStock({ returnId: randomUUID(), lines }, key());

interface Shelf { sku: string; on_hand: number; reserved: number; version: number }
const shelf = async (sku: string) => (await ctx.database.query<Shelf>('SELECT * FROM stock WHERE sku = $1', [sku]))[0];

describe('under contention', () => {
  it('gives the last 10 pieces to 10 of 50 orders that want one each', async () => {
    await bring([{ sku: 'LAST', quantity: 10 }]);
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () =>
      stock.reserveStock({ orderId: randomUUID(), lines: [{ sku: 'LAST', quantity: 1 }] }, key())));
    const refusals = outcomes.flatMap((it) => (it.status === 'rejected' ? [it.reason as unknown] : []));
    expect(refusals).toHaveLength(40);
    expect(refusals.every((it) => it instanceof OutOfStock)).toBe(true);
    expect(await shelf('LAST')).toMatchObject({ on_hand: 10, reserved: 10 });
  });

  it('never deadlocks orders that name the same articles in opposite order', async () => {
    const skus = Array.from({ length: 30 }, (_, i) => `KNOT-${i}`);
    await bring(skus.map((sku) => ({ sku, quantity: 1_000 })));
    await Promise.all(Array.from({ length: 40 }, async (_, i) => {
      const lines = (i % 2 ? skus : skus.toReversed()).map((sku) => ({ sku, quantity: 1 }));
      if (i % 4 < 2) return stock.reserveStock({ orderId: randomUUID(), lines }, key());
      return bring([...lines, { sku: `KNOT-NEW-${i % 3}`, quantity: 1 }]);
    }));
    expect(await shelf('KNOT-0')).toMatchObject({ on_hand: 1_020, reserved: 20 });
  });

  it('lets either a reservation or its release win, and leaves nothing reserved in any case', async () => {
    await bring([{ sku: 'RACE', quantity: 100 }]);
    await Promise.all(Array.from({ length: 25 }, async () => {
      const orderId = randomUUID();
      await Promise.allSettled([
        stock.reserveStock({ orderId, lines: [{ sku: 'RACE', quantity: 2 }] }, key()),
        stock.releaseStock({ orderId }, key()),
      ]);
    }));
    expect(await shelf('RACE')).toMatchObject({ on_hand: 100, reserved: 0 });
  });

  it('runs a command once that comes five times with the same key at the same time', async () => {
    const back = { returnId: randomUUID(), lines: [{ sku: 'SAME-KEY', quantity: 7 }] };
    const same = key();
    await Promise.all(Array.from({ length: 5 }, () => stock.returnStock(back, same)));
    expect(await shelf('SAME-KEY')).toMatchObject({ on_hand: 7, version: 1 });
  });
});

describe('any sequence of commands', () => {
  const seed = process.env['SEED'] ?? randomUUID();

  it(`keeps the books of the shelves (seed ${seed})`, async () => {
    const random = dice(seed);
    const skus = ['P-1', 'P-2', 'P-3', 'P-4'];
    const orders = Array.from({ length: 40 }, () => randomUUID());
    const pick = <T>(from: readonly T[]): T => from[random(from.length)] as T;
    const lines = () => Array.from({ length: 1 + random(4) }, () => ({ sku: pick(skus), quantity: 1 + random(6) }));

    for (let round = 0; round < 40; round += 1) {
      await Promise.all(Array.from({ length: 8 }, () => {
        const orderId = pick(orders);
        const step = pick([
          () => stock.reserveStock({ orderId, lines: lines() }, key()),
          () => stock.reserveStock({ orderId, lines: lines() }, key()),
          () => stock.takeStock({ orderId }, key()),
          () => stock.releaseStock({ orderId }, key()),
          () => stock.returnStock({ returnId: randomUUID(), lines: lines() }, key()),
        ]);
        return step().catch((error: unknown) => {
          if (!(error instanceof BanyanError) || error.definition.http >= 500) throw error;
        });
      }));
    }
    expect(await shelvesThatDisagreeWithTheirOrders(skus)).toEqual([]);
    expect(await brokenSteps()).toEqual([]);
    expect(await shelvesAdriftOfTheirHistory()).toEqual([]);
  });

  /** What orders hold is what the shelves have reserved. */
  async function shelvesThatDisagreeWithTheirOrders(skus: readonly string[]): Promise<unknown[]> {
    const shelves = await ctx.database.query<{ sku: string; reserved: number; held: number }>(
      `SELECT sku, stock.reserved, coalesce((SELECT sum(quantity)::bigint FROM reservation_line JOIN reservation USING (order_id)
         WHERE reservation_line.sku = stock.sku AND status = 'reserved'), 0) AS held FROM stock WHERE sku = ANY($1)`,
      [skus],
    );
    return shelves.filter((it) => it.reserved !== it.held);
  }

  /** The history has no gap, and each figure follows from the one before. */
  async function brokenSteps(): Promise<unknown[]> {
    return ctx.database.query(
      `SELECT * FROM (
         SELECT movement.*, lag(on_hand_after, 1, 0::bigint) OVER past AS on_hand_before, lag(reserved_after, 1, 0::bigint) OVER past AS reserved_before,
           row_number() OVER past AS position
         FROM stock_movement movement WINDOW past AS (PARTITION BY sku ORDER BY version)
       ) step
       WHERE position <> version OR reserved_after < 0 OR on_hand_after < reserved_after
         OR on_hand_after - on_hand_before <> quantity * CASE kind WHEN 'reserve' THEN 0 WHEN 'release' THEN 0 WHEN 'take' THEN -1 ELSE 1 END
         OR reserved_after - reserved_before <> quantity * CASE kind WHEN 'reserve' THEN 1 WHEN 'release' THEN -1 WHEN 'take' THEN -1 ELSE 0 END`,
    );
  }

  async function shelvesAdriftOfTheirHistory(): Promise<unknown[]> {
    return ctx.database.query('SELECT * FROM stock LEFT JOIN stock_movement USING (sku, version) WHERE (on_hand, reserved) IS DISTINCT FROM (on_hand_after, reserved_after)');
  }
});

/** Whole numbers below a bound, reproducible by seed. */
function dice(from: string): (below: number) => number {
  let drawn = 0;
  return (below) => createHash('sha256').update(`${from}/${drawn++}`).digest().readUIntBE(0, 6) % below;
}
