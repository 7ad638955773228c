import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runInput } from '../runtime/index.js';
import { ClaimLost, type LocalStep, LocalSteps } from './local-steps.js';
import { type Claim, SagaTable } from './saga-table.js';
import { Agency } from './test/agency.js';

let agency: Agency;
let table: SagaTable;
let steps: LocalSteps;
beforeAll(async () => {
  agency = await Agency.open();
  table = new SagaTable(agency.trips);
});
beforeEach(async () => {
  steps = new LocalSteps(agency.trips, table);
  await agency.trips.query('DELETE FROM ledger');
});
afterAll(() => agency.close());

const from = { status: 'running', step: 'mark' } as const;
const mark = (id: string): Promise<unknown> => agency.trips.query('INSERT INTO ledger (trip_id, effect) VALUES ($1, pg_current_xact_id()::text)', [id]);
class Marks { async run(): Promise<void> {} }

async function claimed(...ids: readonly string[]): Promise<Claim[]> {
  for (const id of ids) {
    await table.insert({ name: 'marking', id, version: 1, state: {}, beginning: { ...from, timeoutMs: 60_000 }, correlationId: 'c', traceparent: '', startedBy: {} });
  }
  const claims = await table.claim([{ name: 'marking', version: 1 }], 100, 60_000, 'test');
  return ids.flatMap((id) => claims.filter((it) => it.id === id));
}

const stepOf = (claim: Claim, work: (id: string) => Promise<unknown> = mark): LocalStep => ({
  handlerClass: Marks,
  asInput: (wanted) => runInput({ context: 'trips' }, wanted),
  perform: async () => {
    await work(claim.id);
    return { key: claim, from, outcome: 'done', attempts: 1, since: claim.since, state: {}, reason: null, to: { status: 'done', step: null, timeoutMs: null } };
  },
});

/** Whose marks are there, and by how many transactions. */
async function marks(): Promise<{ ids: string[]; transactions: number }> {
  const rows = await agency.trips.query<{ id: string; tx: string }>('SELECT trip_id AS id, effect AS tx FROM ledger ORDER BY 1');
  return { ids: rows.map((it) => it.id), transactions: new Set(rows.map((it) => it.tx)).size };
}

const outcomesOf = async (work: readonly Promise<unknown>[]): Promise<string[]> => (await Promise.allSettled(work)).map((it) => (it.status === 'fulfilled' ? 'done' : String(it.reason)));

describe('local steps of several sagas', () => {
  it('that come together are committed together', async () => {
    const claims = await claimed('a', 'b', 'c');
    expect(await outcomesOf(claims.map((it) => steps.perform(stepOf(it))))).toEqual(['done', 'done', 'done']);
    expect(await marks()).toEqual({ ids: ['a', 'b', 'c'], transactions: 1 });
  });

  it('do not fail for a neighbour that does', async () => {
    const [good, bad, better] = await claimed('good', 'bad', 'better') as [Claim, Claim, Claim];
    const fails = async (id: string): Promise<void> => {
      await mark(id);
      throw new Error('It is Monday.');
    };
    expect(await outcomesOf([steps.perform(stepOf(good)), steps.perform(stepOf(bad, fails)), steps.perform(stepOf(better))])).toEqual(['done', 'Error: It is Monday.', 'done']);
    expect((await marks()).ids).toEqual(['better', 'good']);
  });

  it('do nothing where a claim is lost, and everything where it holds', async () => {
    const [held, lost] = await claimed('held', 'lost') as [Claim, Claim];
    await agency.trips.query(`UPDATE saga SET epoch = epoch + 1 WHERE id = 'lost'`);
    const outcomes = await Promise.allSettled([steps.perform(stepOf(held)), steps.perform(stepOf(lost))]);
    expect(outcomes).toMatchObject([{ status: 'fulfilled' }, { status: 'rejected', reason: expect.any(ClaimLost) }]);
    expect((await marks()).ids).toEqual(['held']);
  });

  it('whose handler waits for answers between its statements run each by itself', async () => {
    const claims = await claimed('one', 'two', 'three');
    const twice = async (id: string): Promise<void> => {
      await mark(id);
      await mark(id);
    };
    expect(await outcomesOf(claims.map((it) => steps.perform(stepOf(it, twice))))).toEqual(['done', 'done', 'done']);
    expect(await marks()).toEqual({ ids: ['one', 'one', 'three', 'three', 'two', 'two'], transactions: 3 });
  });

  it('do not wait for one that takes long', async () => {
    const [slow, quick] = await claimed('slow', 'quick') as [Claim, Claim];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const slowOne = steps.perform(stepOf(slow, () => released));
    await Promise.resolve();
    await steps.perform(stepOf(quick));
    expect((await marks()).ids).toEqual(['quick']);
    release();
    await slowOne;
  });
});
