import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { House } from './test/house.js';
import { until } from './test/until.js';

describe('an inbox after a busy week', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());

  it('is never read from end to end', async () => {
    await house.age('left', 30_000);
    const before = await scans();
    const instance = await house.instance({ settings: { attempts: 2 }, before: ({ n }, _envelope, context) => { if (context === 'left' && n === 3) throw new Error('no'); } });
    for (let n = 0; n < 4; n += 1) await Promise.all(['a', 'b', 'c'].map((key) => instance.count(key)));
    await until('the bus is idle', () => instance.bus.idle());
    expect((await instance.bus.figures()).map((it) => [it.context, it.parked])).toEqual([['source', 0], ['left', 6], ['right', 0]]);
    expect(await instance.messaging.left.parking.list()).toHaveLength(3);
    await instance.messaging.left.parking.redrive({ principalId: 'op', idempotencyKey: '1', requestHash: '1', reason: 'It was mended.', filter: { key: 'a' }, perSecond: 100 });
    await until('the bus is idle', () => instance.bus.idle());
    await instance.stop();
    await until('the server has counted', async () => (await scans()).indexScans > before.indexScans + 20);
    expect((await scans()).wholeReads).toBe(before.wholeReads);
  });

  it('forgets handled events after the retention, and nothing else', async () => {
    const instance = await house.instance({ settings: { retentionMs: 1, purgeEveryMs: 20 } });
    await until('all handled events are forgotten', async () => (await house.look('left', "SELECT FROM inbox WHERE status = 'done'")).length === 0);
    expect(await house.statuses('left')).toMatchObject({ parked: 3, pending: 3 });
    await instance.stop();
  });

  async function scans(): Promise<{ wholeReads: number; indexScans: number }> {
    const [row] = await house.look<{ wholeReads: number; indexScans: number }>('source',
      `SELECT seq_scan AS "wholeReads", idx_scan AS "indexScans" FROM pg_stat_user_tables WHERE schemaname = 'left' AND relname = 'inbox'`);
    return row ?? { wholeReads: 0, indexScans: 0 };
  }
});
