import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Checkpoints } from './checkpoints.js';
import { type Claim, type Move, SagaTable } from './saga-table.js';
import { Agency } from './test/agency.js';

let agency: Agency;
let table: SagaTable;
beforeAll(async () => {
  agency = await Agency.open();
  table = new SagaTable(agency.trips);
});
afterAll(() => agency.close());

const known = [{ name: 'journey', version: 1 }];
const from = { status: 'running', step: 'book-flight' } as const;

async function begun(id: string): Promise<void> {
  await table.insert({
    name: 'journey', id, version: 1, state: { tripId: id }, beginning: { ...from, timeoutMs: 60_000 },
    correlationId: 'c', traceparent: '', startedBy: {},
  });
}

async function claimed(id: string): Promise<Claim> {
  await begun(id);
  const claim = (await table.claim(known, 100, 60_000, 'test')).find((it) => it.id === id);
  if (!claim) throw new Error(`${id} was not due.`);
  return claim;
}

const moveOf = (claim: Claim, state: unknown = claim.state): Move => ({
  key: claim, from, outcome: 'done', attempts: 1, since: claim.since, state, reason: null,
  to: { status: 'running', step: 'book-room', timeoutMs: 1_000 },
});

describe('a claim', () => {
  it('is had by one executor at a time, until its lease is over', async () => {
    const claim = await claimed('one');
    expect(await table.claim(known, 10, 60_000, 'another')).toEqual([]);
    await agency.trips.query(`UPDATE saga SET due_at = clock_timestamp() WHERE id = 'one'`);
    const [next] = await table.claim(known, 10, 60_000, 'another');
    expect(next).toMatchObject({ id: 'one', attempts: 2 });
    expect(Number(next?.epoch)).toBe(Number(claim.epoch) + 1);
  });

  it('goes to one of many executors that ask at the same moment', async () => {
    const elsewhere = new SagaTable(await agency.anotherPool());
    await Promise.all(Array.from({ length: 60 }, (_, i) => begun(`wanted-${i}`)));
    const claims = await Promise.all(Array.from({ length: 12 }, (_, i) => (i % 2 ? table : elsewhere).claim(known, 10, 60_000, `executor ${i}`)));
    const wanted = claims.flat().filter((it) => it.id.startsWith('wanted-'));
    expect(new Set(wanted.map((it) => it.id)).size).toBe(wanted.length);
    expect(wanted.every((it) => it.attempts === 1)).toBe(true);
    await table.claim(known, 100, 60_000, 'test');
  });

  it('that is over changes nothing any more', async () => {
    const stale = await claimed('stale');
    await agency.trips.query(`UPDATE saga SET due_at = clock_timestamp() WHERE id = 'stale'`);
    const [claim] = await table.claim(known, 1, 60_000, 'another');
    const before = await agency.trips.query(`SELECT * FROM saga WHERE id = 'stale'`);
    expect(await table.moveOn([moveOf(stale)])).toEqual([]);
    expect(await table.tryLater(stale, from, { pauseMs: 1, lastError: 'x', needsOperator: false })).toBeUndefined();
    await table.release([stale]);
    await table.renew([stale], 1);
    expect(await agency.trips.query(`SELECT * FROM saga WHERE id = 'stale'`)).toEqual(before);
    expect(await agency.trips.query(`SELECT * FROM saga_step WHERE id = 'stale'`)).toEqual([]);
    expect(claim && await table.moveOn([moveOf(claim)])).toHaveLength(1);
  });

  it('lets a checkpoint count once, however often it is sent', async () => {
    const claim = await claimed('repeated');
    expect(await table.moveOn([moveOf(claim)])).toHaveLength(1);
    expect(await table.moveOn([moveOf(claim)])).toEqual([]);
    expect(await agency.trips.query(`SELECT step, outcome FROM saga_step WHERE id = 'repeated'`)).toEqual([{ step: 'book-flight', outcome: 'done' }]);
  });

  it('begins the time of a step: waiting in the queue behind others is not held against it', async () => {
    await begun('queued');
    await agency.trips.query(`UPDATE saga SET step_since = step_since - interval '1 hour', step_deadline = step_deadline - interval '1 hour' WHERE id = 'queued'`);
    const claim = (await table.claim(known, 100, 60_000, 'test')).find((it) => it.id === 'queued');
    expect(claim?.msLeft).toBeGreaterThan(55_000);
    expect(claim?.msLeft).toBeLessThanOrEqual(60_000);

    await agency.trips.query(`UPDATE saga SET due_at = clock_timestamp(), step_deadline = step_deadline - interval '50 s' WHERE id = 'queued'`);
    const [second] = await table.claim(known, 100, 60_000, 'test');
    expect(second?.msLeft).toBeLessThanOrEqual(10_000);
  });

  it('leaves the pause before its time to the step\'s deadline', async () => {
    const claim = await claimed('deadline');
    await agency.trips.query(`UPDATE saga SET step_deadline = clock_timestamp() + interval '100 ms' WHERE id = 'deadline'`);
    const pause = await table.tryLater(claim, from, { pauseMs: 30_000, lastError: 'x', needsOperator: false });
    expect(pause).toBeLessThanOrEqual(100);
  });
});

describe('checkpoints of many sagas', () => {
  it('are written together, each for itself', async () => {
    const checkpoints = new Checkpoints(table);
    const claims = [];
    for (let i = 0; i < 20; i += 1) claims.push(await claimed(`batch-${i}`));
    const written = await Promise.all(claims.map((it) => checkpoints.write(moveOf(it))));
    expect(written.every((since) => typeof since === 'string')).toBe(true);
  });

  it('do not fail for one that cannot be stored', async () => {
    const checkpoints = new Checkpoints(table);
    const [first, poison, last] = [await claimed('first'), await claimed('poison'), await claimed('last')];
    const outcomes = await Promise.allSettled([
      checkpoints.write(moveOf(first)), checkpoints.write(moveOf(poison, { text: 'no \0 in jsonb' })), checkpoints.write(moveOf(last)),
    ]);
    expect(outcomes.map((it) => it.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});

describe('the hot statements', () => {
  it('find their rows by index among many sagas that have ended', async () => {
    await agency.trips.query(`
      INSERT INTO saga (name, id, version, status, state, correlation_id, traceparent, started_by, ended_at)
      SELECT 'journey', 'old-' || n, 1, 'done', '{}', '', '', '{}', clock_timestamp() FROM generate_series(1, 20000) n`);
    const admin = new Client({ connectionString: agency.adminUrl });
    await admin.connect();
    await admin.query('ANALYZE trips.saga');
    await admin.end();
    const plans: string[] = [];
    const explaining = new SagaTable(new Proxy(agency.trips, {
      get: (target, property) => (property !== 'query' ? Reflect.get(target, property, target) : async (sql: string, params: unknown[]) => {
        const rows = await target.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, params);
        plans.push(rows.map((it) => it['QUERY PLAN']).join('\n'));
        return [];
      }),
    }));
    const claim = await claimed('explained');
    await explaining.claim(known, 10, 1_000, 'test');
    await explaining.isAnyDue(known);
    await explaining.moveOn([moveOf(claim)]);
    await explaining.renew([claim], 1_000);
    await explaining.tryLater(claim, from, { pauseMs: 1, lastError: 'x', needsOperator: false });
    for (const plan of plans) expect(plan).not.toContain('Seq Scan on saga');
    expect(plans[0]).toContain('saga_due');
    expect(plans).toHaveLength(5);
  });
});
