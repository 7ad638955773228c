import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Difference, compare, defineComparison } from '../../comparison/index.js';
import { type Database, openDatabase, provisionContext } from '../../persistence/index.js';
import { type TestDatabase, testDatabase } from '../../testing/plain.js';
import { Findings, PARALLEL_RUN, RunStore, parallelRunMigrations } from '../index.js';

const ENDPOINT = 'POST /v1/sales';
const LATENCY = { slowMs: 20, pairs: 3_000, candidateOnly: 1, primaryOnly: 1, both: 0 };

let server: TestDatabase;
let database: Database;
let store: RunStore;
let [shadow, control] = ['', ''];
beforeAll(async () => {
  server = await testDatabase();
  const { url } = await provisionContext({ adminUrl: server.url, name: PARALLEL_RUN, migrations: parallelRunMigrations });
  database = await openDatabase({ context: PARALLEL_RUN, url, poolSize: 2, applicationName: 'test findings' });
  store = new RunStore(database);
});
beforeEach(async () => {
  const begin = (purpose: 'shadow' | 'control') => store.begin({ context: 'till', purpose, keys: {}, snapshot: '1:1:' });
  [control, shadow] = [await begin('control'), await begin('shadow')];
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

/** So many inputs, one after the other, that a run has compared; all of them with these differences. */
async function compared(run: string, count: number, differences: readonly Difference[] = []): Promise<void> {
  const mismatches = differences.length === 0 ? [] : Array.from({ length: count }, () => {
    const input = randomUUID();
    return {
      endpoint: ENDPOINT, run: input, isStated: true, primary: differences[0]?.primary, candidate: differences[0]?.candidate, differences,
      input: { occasion: { kind: 'request' as const, name: ENDPOINT, given: {} }, pinned: { inputId: input, at: new Date(), correlationId: 'c', causationId: 'c', traceparent: 't' } },
    };
  });
  const covered = [{ endpoint: ENDPOINT, outcome: '201', compared: count, equal: count - mismatches.length, wrote: count }];
  const tapes = mismatches.map((it) => ({ endpoint: ENDPOINT, run: it.run, tape: { given: it.candidate } as never }));
  const counts = { applied: 0, skipped: 0, undecided: 0, unanswered: 0, dropped: 0 };
  await store.note(run, { seen: '1:1:', upto: null, after: '0' }, { covered, mismatches, tapes, leftOut: [], reachedAt: new Date(), latency: LATENCY, counts }, 0);
}

const answering = (body: unknown) => ({ response: { is: 'http' as const, status: 200, headers: {}, body }, transactions: [], calls: [] });
const differing = (primary: unknown, candidate: unknown) => compare(answering(primary), answering(candidate), { rules: defineComparison({}), keys: {} });
const findings = () => new Findings(database, () => [{ endpoint: ENDPOINT, outcomes: [] }]);

const names = Array.from({ length: 400 }, () => randomUUID());
const nested = (bottom: string) => names.reduce<object>((below, name) => ({ [name]: below }), { bottom });

describe('what differs is written down', () => {
  it.each([
    { what: 'characters that PostgreSQL cannot hold', primary: {}, candidate: { text: 'a\0b \\u0000 \ud800 \u{1f600}', 'key\0': 1, 'key\ud800': 2 } },
    { what: 'names as long as a book', primary: {}, candidate: { [Array.from({ length: 400 }, () => randomUUID()).join()]: 1 } },
    { what: 'hundreds of levels', primary: nested('here'), candidate: nested('there') },
  ])('also where it has $what', async ({ primary, candidate }) => {
    await compared(shadow, 1, differing(primary, candidate));
    const [found] = await findings().list({ run: shadow });
    expect(found).toMatchObject({ endpoint: ENDPOINT, count: 1 });
    expect((await findings().show(found?.id ?? ''))?.sample).toMatchObject({ tape: { given: expect.anything() } });
  });

  it('in half a kilobyte for a field, which is as much as a waiver can name', async () => {
    await compared(shadow, 1, differing({}, { ['x'.repeat(2_000)]: 1 }));
    const [{ field } = { field: '' }] = await findings().list({ run: shadow });
    expect(field).toHaveLength(500);
    await findings().waivers.add({ context: 'till', endpoint: ENDPOINT, field, owner: 'team-till', reason: 'a test', expires: new Date(Date.now() + 60_000).toISOString(), idempotencyKey: randomUUID() }, 'somebody');
    expect(await findings().list({ run: shadow })).toMatchObject([{ judgement: 'waived' }]);
  });
});

describe('a control that stands still', () => {
  const mood = differing({ mood: 'fine' }, { mood: 'mixed' });
  const gate = async () => (await findings().gateOf('till', 0.05)).checks.find(({ name }) => name === 'control');

  it('holds the gate while a field differs of which it knew that it is noisy, and cannot tell any more how noisy', async () => {
    await compared(control, 100);
    await compared(control, 1, mood);
    await compared(shadow, 100);
    expect(await gate()).toMatchObject({ ok: true, figures: { waiting: 0 } });
    await store.end('till', 'control');
    expect(await gate()).toMatchObject({ ok: true, figures: { waiting: 0 } });
    await compared(shadow, 900, mood);
    expect(await gate()).toMatchObject({ ok: false, figures: { waiting: 1 } });
    expect((await findings().gateOf('till', 0.05)).opens).toBe(false);
  });
});
