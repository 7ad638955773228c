import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Chance, newSeed } from '../testing/plain.js';
import { HeldBack } from './held-back.js';
import { Lease } from './lease.js';
import { LogReader } from './log-reader.js';
import { House } from './test/house.js';
import { until } from './test/until.js';

const SLOT_MS = 10_000;
const seed = newSeed();

describe(`the reader of the log (SEED=${seed})`, () => {
  const chance = new Chance(seed);
  let house: House;
  let writers: Client[];
  beforeEach(async () => {
    house = await House.open();
    writers = [];
  });
  afterEach(async () => {
    await Promise.all(writers.map((it) => it.end()));
    await house.close();
  });

  it('finds every event of racing transactions once, those of a key in the order of their commits', async () => {
    const keys = 6;
    const steps = 400;
    const made = { count: 0 };
    const producing = Array.from({ length: 10 }, async () => {
      const client = await writer();
      while (made.count < steps) {
        made.count += 1;
        const key = `k${chance.below(keys)}`;
        await client.query('BEGIN');
        if (chance.below(3) === 0) await client.query('SELECT pg_current_xact_id()');
        await client.query(`SELECT pg_advisory_xact_lock(hashtext('${key}'))`);
        await append(client, key, 1 + chance.below(3));
        if (chance.below(8) === 0) await client.query(`SELECT pg_sleep(${chance.below(40) / 1_000})`);
        await client.query(chance.below(10) === 0 ? 'ROLLBACK' : 'COMMIT');
      }
    });
    let isMade = false;
    const allMade = Promise.all(producing).finally(() => { isMade = true; });
    const read: { key: string; n: number }[] = [];
    let reader = await leading();
    for (let isDone = false; !isDone;) {
      isDone = isMade;
      if (chance.below(20) === 0) reader = await leading();
      for (let more = true; more;) {
        const entries = (await reader.log.next(reader.epoch, 1 + chance.below(7))) ?? [];
        more = entries.length > 0;
        if (more && chance.below(10) === 0) {
          reader = await leading(); // it died before it could say that they were delivered
          continue;
        }
        read.push(...entries.map(({ envelope, position }) => ({ key: envelope.aggregateId, n: Number(position) })));
        reader.log.delivered();
      }
    }
    await allMade;
    const committed = await house.look<{ key: string; n: number }>('source', 'SELECT aggregate_id AS key, position AS n FROM outbox ORDER BY position');
    expect(committed.length).toBeGreaterThan(steps);
    expect(perKey(read)).toEqual(perKey(committed));
    expect(await house.look('source', 'SELECT FROM outbox_unread')).toEqual([]);
  });

  it('comes back for a transaction that was running unlisted, above the highest that was over', async () => {
    const [older, younger, { log, epoch }] = [await writer(), await writer(), await leading()];
    await older.query('BEGIN; SELECT pg_current_xact_id()');
    await younger.query('BEGIN');
    await append(younger, 'late');
    await append(older, 'early');
    await older.query('COMMIT');
    expect(await keysOf(log, epoch)).toEqual(['early']);
    await younger.query('COMMIT');
    expect(await keysOf(log, epoch)).toEqual(['late']);
    expect(await keysOf(log, epoch)).toEqual([]);
  });

  it('finishes what it saw when it began before it turns to what came later, in batches, also after another one took over', async () => {
    const [slow, quick] = [await writer(), await writer()];
    await slow.query('BEGIN');
    await append(slow, 'slow');
    await append(quick, 'quick', 5);
    const first = await leading();
    expect((await first.log.next(first.epoch, 2))?.length).toBe(2);
    first.log.delivered();
    await slow.query('COMMIT');
    await append(quick, 'later');
    expect((await first.log.next(first.epoch, 2))?.length).toBe(2);
    first.log.delivered();
    expect((await first.log.next(first.epoch, 2))?.length).toBe(1); // noted: four are delivered
    const second = await leading();
    expect(await keysOf(second.log, second.epoch, 2)).toEqual(['quick']);
    expect(await keysOf(second.log, second.epoch, 2)).toEqual(['slow', 'later']);
    expect(await keysOf(second.log, second.epoch, 2)).toEqual([]);
  });

  it('reads the same again until it hears that it was delivered', async () => {
    await append(await writer(), 'a', 3);
    const { log, epoch } = await leading();
    const once = await log.next(epoch, 10);
    expect(await log.next(epoch, 10)).toEqual(once);
    log.delivered();
    expect(await log.next(epoch, 10)).toEqual([]);
  });

  it('waits for nobody: an open transaction holds up its own events and no others', async () => {
    const [open, busy] = [await writer(), await writer()];
    await open.query('BEGIN');
    await append(open, 'open');
    const { log, epoch } = await leading();
    for (let n = 0; n < 20; n += 1) {
      await append(busy, `busy ${n}`);
      expect(await keysOf(log, epoch)).toEqual([`busy ${n}`]);
    }
    await open.query('COMMIT');
    expect(await keysOf(log, epoch)).toEqual(['open']);
  });

  it('goes on after the schema was dumped and restored elsewhere, where transaction ids mean something else', async () => {
    const client = await writer();
    await append(client, 'delivered', 2);
    const before = await leading();
    expect(await keysOf(before.log, before.epoch)).toEqual(['delivered', 'delivered']);
    expect(await keysOf(before.log, before.epoch)).toEqual([]); // and that is noted
    await append(client, 'left', 2);
    await house.look('source', 'UPDATE relay_progress SET cluster = cluster + 1');
    await house.look('source', 'UPDATE outbox SET xid = (xid::text::bigint + 1000000000)::text::xid8');
    await house.look('source', `UPDATE relay_progress SET seen = (SELECT format('%s:%s:', min(xid::text::bigint), min(xid::text::bigint))::pg_snapshot FROM outbox WHERE aggregate_id = 'left') WHERE floor > 0`);
    const after = await leading();
    expect(await keysOf(after.log, after.epoch)).toEqual(['left', 'left']);
    await append(client, 'new');
    expect(await keysOf(after.log, after.epoch)).toEqual(['new']);
    expect(await keysOf(after.log, after.epoch)).toEqual([]);
  });

  async function writer(): Promise<Client> {
    const client = new Client({ connectionString: house.urls.source });
    await client.connect();
    writers.push(client);
    return client;
  }

  /** As `Outbox.append` writes, on a connection of the test's own. */
  async function append(client: Client, key: string, events = 1): Promise<void> {
    await client.query(
      `WITH writer AS MATERIALIZED (SELECT pg_current_xact_id() AS xid)
       INSERT INTO outbox SELECT 0, xid, nextval('outbox_positions'), gen_random_uuid(), 'source.counted', 1, now(), 'counter', $1, '', '', '', '{}' FROM writer, generate_series(1, $2::integer)`,
      [key, events],
    );
  }

  /** A reader under an epoch of its own: whoever led before is over. */
  async function leading(): Promise<{ log: LogReader; epoch: string | number }> {
    const source = await house.database('source');
    await source.query(`UPDATE relay_lease SET expires_at = '-infinity'`);
    const epoch = await new Lease(source, 'test', 60_000, 0).hold();
    if (epoch === undefined) throw new Error('Nobody else is there to have the lease.');
    return { log: new LogReader(source, SLOT_MS), epoch };
  }

  async function keysOf(log: LogReader, epoch: string | number, limit = 100): Promise<string[]> {
    const entries = (await log.next(epoch, limit)) ?? [];
    log.delivered();
    return entries.map(({ envelope }) => envelope.aggregateId);
  }

  function perKey(events: readonly { key: string; n: number }[]): Record<string, number[]> {
    return Object.fromEntries([...Map.groupBy(events, (it) => it.key)].map(([key, those]) => [key, those.map((it) => it.n)]).sort());
  }
});

describe('the slots of the log', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());

  it('are emptied while events flow, and never of what is still to come', async () => {
    const instance = await house.instance({ settings: { slotMs: 200, retentionMs: 60_000 } });
    const straggler = new Client({ connectionString: house.urls.source });
    await straggler.connect();
    await straggler.query('BEGIN');
    await straggler.query(
      `INSERT INTO outbox SELECT slot, pg_current_xact_id(), nextval('outbox_positions'), gen_random_uuid(), 'source.counted', 1, now(), 'counter', 'straggler', 'c', 'i', '00-11111111111111111111111111111111-1111111111111111-00', '{"key":"straggler","n":1}'
       FROM (SELECT 0 AS slot) AS one`,
    );
    for (let n = 0; n < 300; n += 1) await instance.count(`k${n % 5}`);
    await until('every slot but the straggler\'s was emptied', async () => (await house.look('source', 'SELECT FROM outbox WHERE slot <> 0')).length === 0);
    await straggler.query('COMMIT');
    await until('the straggler is heard', async () => (await house.heard('left'))['straggler'] !== undefined);
    await until('its slot is emptied, too', async () => (await rows()) === 0);
    expect(await house.look('source', 'SELECT FROM relay_progress')).not.toHaveLength(0);
    const steps = Array.from({ length: 60 }, (_, at) => at + 1);
    expect(await house.heard('left')).toEqual({ k0: steps, k1: steps, k2: steps, k3: steps, k4: steps, straggler: [1] });
    await straggler.end();
    await instance.stop();
  });

  it('forget handled events after the retention, and not before', async () => {
    const instance = await house.instance({ settings: { slotMs: 300, retentionMs: 300 } });
    await instance.count('brief');
    await until('it is handled', () => instance.bus.idle());
    expect(await house.heard('left')).toMatchObject({ brief: [1] });
    await until('it is forgotten', async () => (await house.look('left', 'SELECT FROM inbox_handled')).length === 0);
    await instance.stop();
  });

  const rows = async (): Promise<number> => (await house.look('source', 'SELECT FROM outbox')).length;
});

describe('a transaction that holds back cleaning', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());

  it('is named once when it has been open for long', async () => {
    const forgotten = new Client({ connectionString: house.urls.left, application_name: 'forgotten console' });
    await forgotten.connect();
    await forgotten.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM heard');
    const heldBack = new HeldBack(await house.database('source'), 1);
    const named: string[] = [];
    await until('it is named', async () => {
      const name = await heldBack.look();
      if (name !== undefined) named.push(name);
      return name?.includes('forgotten console') === true;
    });
    expect(named.at(-1)).toMatch(/^session \d+ \(role banyan_left.*, application "forgotten console"/);
    expect(await heldBack.look()).toBeUndefined();
    await forgotten.end();
    const patient = new HeldBack(await house.database('source'), 3_600_000);
    expect([await patient.look(), await patient.look()]).toEqual([undefined, undefined]);
  });
});
