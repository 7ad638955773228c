import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessTransport } from './index.js';
import { Lease } from './lease.js';
import { LogReader } from './log-reader.js';
import { House } from './test/house.js';
import { mortal } from './test/instance.js';
import { until } from './test/until.js';

describe('the relay', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());
  beforeEach(async () => {
    for (const context of ['left', 'right'] as const) await house.look(context, 'DELETE FROM heard');
    await house.look('source', 'DELETE FROM counter');
  });

  it.each(['before', 'after'] as const)('of a leader that stalls %s it delivers is replaced, and changes nothing when it wakes', async (when) => {
    const transport = new Stalling(when);
    const zombie = await house.instance({ settings: mortal, transport });
    await until('it leads', isLed);
    for (let n = 0; n < 3; n += 1) await zombie.count('a');
    await until('it stalls', () => transport.stalls);
    const successor = await house.instance({ settings: mortal });
    await until('the successor delivers', async () => ((await house.heard('left'))['a'] ?? []).length === 3);
    for (let n = 0; n < 3; n += 1) await successor.count('a');
    await until('the successor is idle', () => successor.bus.idle());
    transport.goOn();
    await until('the zombie has finished its round', () => transport.rounds > 0);
    for (let n = 0; n < 3; n += 1) await successor.count('a');
    await until('the successor is idle', () => successor.bus.idle());
    expect(await house.heard('left')).toEqual({ a: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
    expect(await house.heard('right')).toEqual({ a: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
    await Promise.all([zombie.stop(), successor.stop()]);
  });

  it('hands over at once when its process stops', async () => {
    const settings = { leaseMs: 60_000 };
    const first = await house.instance({ settings });
    await first.count('a');
    await until('it is delivered', () => first.bus.idle());
    const second = await house.instance({ settings });
    await first.stop();
    await second.count('a');
    await until('the second one delivers', () => second.bus.idle());
    expect(await house.heard('left')).toEqual({ a: [1, 2] });
    await second.stop();
  });

  async function isLed(): Promise<boolean> {
    const [row] = await house.look<{ held: boolean }>('source', 'SELECT expires_at > clock_timestamp() AS held FROM relay_lease');
    return row?.held === true;
  }
});

describe('the lease of a relay', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());

  it('is had again at once by whoever gave it back', async () => {
    const lease = new Lease(await house.database('source'), 'there and back', 60_000, 60_000);
    expect(await lease.hold()).toBeDefined();
    await lease.release();
    expect(await lease.hold()).toBeDefined();
    await lease.release();
  });

  it('lets nobody note anything whose epoch is over', async () => {
    const source = await house.database('source');
    const slotMs = 10_000;
    await source.query(
      `INSERT INTO outbox (slot, xid, position, event_id, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload)
       SELECT 0, pg_current_xact_id(), nextval('outbox_positions'), gen_random_uuid(), 'source.counted', 1, now(), 'counter', 'a', '', '', '', '{}'`,
    );
    const older = (await new Lease(source, 'older', 1, 0).hold()) ?? '';
    const zombie = new LogReader(source, slotMs);
    expect(await zombie.next(older, 1)).toHaveLength(1);
    await until('it expires', async () => (await source.query('SELECT FROM relay_lease WHERE expires_at < clock_timestamp()')).length > 0);
    const newer = (await new Lease(source, 'newer', 60_000, 0).hold()) ?? '';
    zombie.delivered();
    expect(await zombie.next(older, 1)).toBeUndefined();
    const successor = new LogReader(source, slotMs);
    const [again] = (await successor.next(newer, 1)) ?? [];
    expect(again && successor.wasBegun(again)).toBe(true);
    successor.delivered();
    expect(await successor.next(newer, 1)).toHaveLength(0);
    expect(await house.look('source', 'SELECT FROM outbox_unread')).toHaveLength(0);
  });
});

/** Stops in the middle of its first delivery until it is told to go on. */
class Stalling extends InProcessTransport {
  stalls = false;
  rounds = 0;
  private readonly gate = Promise.withResolvers<void>();

  constructor(private readonly when: 'before' | 'after') {
    super();
  }

  goOn(): void {
    this.gate.resolve();
  }

  override async deliver(...batch: Parameters<InProcessTransport['deliver']>): Promise<void> {
    if (this.when === 'after') await super.deliver(...batch);
    this.stalls = true;
    await this.gate.promise;
    if (this.when === 'before') await super.deliver(...batch);
    this.rounds += 1;
  }
}
