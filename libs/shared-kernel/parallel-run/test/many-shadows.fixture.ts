import { Client } from 'pg';
import { openShadow } from '../../app/index.js';
import { type ContextDeclaration, kernelMigrations, kernelTables } from '../../context/index.js';
import { PARALLEL_RUN, Recorder, Redaction, RunStore, dropCopy, letReadTape, makeCopy, parallelRunMigrations } from '../index.js';
import { type Database, derivedKey, openDatabase, provisionContext } from '../../persistence/index.js';
import type { Copy } from '../shadow/copy.js';
import { type ContextUnderTest, contextUnderTest, eventually } from '../../testing/index.js';
import { neighbours } from './till.fixture.js';

/** What one candidate did with the tape: `kind field`, and by endpoint what was compared. */
export interface Played {
  readonly found: readonly { readonly endpoint: string; readonly kind: string; readonly field: string; readonly count: number; readonly sample: unknown }[];
  readonly compared: number;
  readonly undecided: number;
}

/** One tape, that any number of candidates play one after the other, each from the same beginning. */
export interface ManyShadows {
  readonly context: ContextUnderTest;
  /** Everything until now is on the tape, and nothing more will be. */
  endTape(): Promise<void>;
  play(candidate: ContextDeclaration, hangMs?: number): Promise<Played>;
  close(): Promise<void>;
}

/** Starts the original with its tape running. */
export async function manyShadows(original: ContextDeclaration): Promise<ManyShadows> {
  const key = derivedKey('postgres://banyan:a-key-for-tests@nowhere', 'tape');
  const personal = original.personal ?? [];
  const witnessOf = ({ name }: ContextDeclaration, database: Database) => (name === original.name ? new Recorder({ database, redaction: new Redaction(personal, key), isOn: () => true, reads: 1, flushMs: 10 }) : undefined);
  const context = await contextUnderTest(original, { neighbours, witnessOf, sagas: { firstPauseMs: 5, longestPauseMs: 50, pollMs: 50 }, poolSize: 10 });
  const { url } = context.storage;
  const plan = { context: original.name, sourceUrl: url, targetUrl: url, purpose: 'shadow' as const, migrations: [...kernelMigrations, ...original.migrations], kernelTables, personal, key };
  const { url: resultsUrl } = await provisionContext({ adminUrl: url, name: PARALLEL_RUN, migrations: parallelRunMigrations });
  const results = await openDatabase({ context: PARALLEL_RUN, url: resultsUrl, poolSize: 2, applicationName: 'test results' });
  const first = await makeCopy(plan);
  await letReadTape(context.storage.url, original.name);
  const bench = { url, first, results, resultsUrl };
  await keepBeginning(adminUrlOf(url, first));
  return {
    context,
    endTape: async () => {
      await context.settle();
      await context.database.witness?.stop();
      // A change that nobody asked for comes last: with it all reads before it are decided.
      await context.storage.query(`UPDATE "${original.name}".drawer SET balance = balance`);
    },
    play: (candidate, hangMs) => playOn(bench, candidate, hangMs),
    close: async () => {
      await results.close();
      await dropCopy(plan);
      await context.close();
    },
  };
}

interface Bench {
  readonly url: string;
  readonly first: Copy;
  readonly results: Database;
  readonly resultsUrl: string;
}

async function playOn({ url, first, results, resultsUrl }: Bench, candidate: ContextDeclaration, hangMs?: number): Promise<Played> {
  await beginAnew(adminUrlOf(url, first));
  const { keys, snapshot } = first;
  const run = await new RunStore(results).begin({ context: candidate.name, purpose: 'shadow', keys, snapshot });
  const shadow = await openShadow(candidate, { purpose: 'shadow', copyUrl: first.url, tapeUrl: resultsUrl, storeUrl: resultsUrl }, { providers: [], logLevel: 'silent', holdMs: 0, ...(hangMs !== undefined && { hangMs }) });
  const following = shadow.follow();
  following.catch(() => undefined);
  try {
    await Promise.race([untilPlayed(results, run), following]);
  } finally {
    await shadow.stop();
  }
  return resultsOf(results, run);
}

async function untilPlayed(results: Database, run: string): Promise<void> {
  const [now] = await results.query<{ edge: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS edge');
  await eventually(async () => {
    const [it] = await results.query<{ isPlayed: boolean }>(`SELECT behind = 0 AND upto IS NULL AND pg_snapshot_xmin(seen::pg_snapshot) >= $1::xid8 AS "isPlayed" FROM run WHERE id = $2`, [now?.edge ?? '', run]);
    if (!it?.isPlayed) throw new Error('The tape is not played to its end.');
  }, 60_000);
}

async function resultsOf(results: Database, run: string): Promise<Played> {
  const [counts] = await results.query<{ compared: number; undecided: number }>('SELECT (SELECT sum(compared)::int FROM coverage WHERE run = $1) AS compared, undecided FROM run WHERE id = $1', [run]);
  const found = await results.query<Played['found'][number]>('SELECT endpoint, kind, field, count, sample FROM finding WHERE run = $1 ORDER BY endpoint, field, kind', [run]);
  return { found, compared: counts?.compared ?? 0, undecided: counts?.undecided ?? 0 };
}

function adminUrlOf(url: string, { url: copyUrl }: Copy): string {
  const admin = new URL(url);
  admin.pathname = new URL(copyUrl).pathname;
  return admin.href;
}

/** Keeps what the copy begins with, so that each candidate can begin with it. */
async function keepBeginning(url: string): Promise<void> {
  await administrate(url, 'CREATE SCHEMA beginning');
  for (const table of await tablesOf(url)) await administrate(url, `CREATE TABLE beginning.${table} AS TABLE till.${table}`);
}

/** The copy as it was when it was made; nothing that triggers or references say about it is asked for. */
async function beginAnew(url: string): Promise<void> {
  const tables = await tablesOf(url);
  await administrate(url, 'SET session_replication_role = replica', `TRUNCATE ${tables.map((it) => `till.${it}`).join(', ')} RESTART IDENTITY`,
    ...tables.map((it) => `INSERT INTO till.${it} OVERRIDING SYSTEM VALUE TABLE beginning.${it}`));
}

/** All that a replay may write to, in SQL. */
async function tablesOf(url: string): Promise<string[]> {
  const [rows] = await administrate<{ name: string }>(url, `SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = 'till'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname NOT IN ('migration', 'tape_key')`);
  return (rows ?? []).map((it) => it.name);
}

async function administrate<Row extends object>(url: string, ...statements: readonly string[]): Promise<Row[][]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const results: Row[][] = [];
    for (const it of statements) results.push((await client.query<Row>(it)).rows);
    return results;
  } finally {
    await client.end();
  }
}
