import { type OpenShadow, openShadow } from '../app/index.js';
import { type ContextDeclaration, kernelMigrations, kernelTables } from '../context/index.js';
import { Findings, PARALLEL_RUN, type ParallelRun, type Purpose, Recorder, Redaction, RunStore, dropCopy, letReadTape, makeCopy, parallelRunMigrations } from '../parallel-run/index.js';
import { type Database, derivedKey, openDatabase, provisionContext } from '../persistence/index.js';
import { type ContextTestSettings, type ContextUnderTest, contextUnderTest } from './context-under-test.js';
import { eventually } from './eventually.js';

export interface ShadowTestSettings extends ContextTestSettings {
  /** Of the inputs that change nothing, the share that is written down; all of them when left out. */
  readonly reads?: number;
  readonly hangMs?: number;
  /** What the candidate is told, where that is something else than the original is. */
  readonly candidateProviders?: ContextTestSettings['providers'];
  /** The old build, where it is to play too; see `ShadowUnderTest.control`. */
  readonly control?: ContextDeclaration;
}

/** What a parallel run has found, as a test looks at it. */
export interface ShadowReport {
  readonly run: Readonly<Record<'applied' | 'skipped' | 'undecided' | 'unanswered' | 'dropped' | 'restarts', number>> & { readonly state: string; readonly trouble: string | null };
  /** `endpoint outcome` → [compared, equal] */
  readonly coverage: Readonly<Record<string, readonly [number, number]>>;
  readonly findings: ReadonlyArray<{ readonly endpoint: string; readonly output: string; readonly kind: string; readonly field: string; readonly count: number; readonly sample: Readonly<Record<string, unknown>> }>;
}

/** One that plays the tape to a copy of its own. */
export interface PlayerUnderTest {
  /** Makes the copy, of the context as it is now, and plays from here on. */
  begin(): Promise<void>;
  /** Ends the process that plays, as far as a test can: what it has in memory is gone. */
  interrupt(): Promise<void>;
  /** Goes on where it was. */
  resume(): Promise<void>;
  /** Resolves when all that has happened so far was played and compared. */
  played(): Promise<void>;
  /** Asks the copy. */
  readonly copyUrl: string;
}

/** A context, and another version of it that does the same on a copy. */
export interface ShadowUnderTest extends PlayerUnderTest {
  readonly context: ContextUnderTest;
  /** When all that has happened so far was played, what was found. */
  report(): Promise<ShadowReport>;
  /** What is thought of that, as it is told to users: with the control, where one plays. @param epsilon share of inputs in which a difference may remain unseen */
  judged(epsilon?: number): Promise<ParallelRun>;
  /** The old build against the same tape; begins, ends and goes on by itself. @throws Error when there is none */
  readonly control: PlayerUnderTest;
  close(): Promise<void>;
}

/** Starts a context with a tape, and beside it what a candidate makes of that. Close it in `afterAll`. */
export async function shadowUnderTest(original: ContextDeclaration, candidate: ContextDeclaration, settings: ShadowTestSettings = {}): Promise<ShadowUnderTest> {
  const { reads = 1, hangMs = 2_000, candidateProviders = settings.providers ?? [], control, ...rest } = settings;
  const key = derivedKey('postgres://banyan:a-key-for-tests@nowhere', 'tape');
  const personal = original.personal ?? [];
  let isOn = false;
  const context = await contextUnderTest(original, {
    ...rest, witnessOf: ({ name }, database) => (name === original.name ? new Recorder({ database, redaction: new Redaction(personal, key), isOn: () => isOn, reads, flushMs: 10 }) : undefined),
  });
  const { url: resultsUrl } = await provisionContext({ adminUrl: context.storage.url, name: PARALLEL_RUN, migrations: parallelRunMigrations });
  const results = await openDatabase({ context: PARALLEL_RUN, url: resultsUrl, poolSize: 2, applicationName: 'test results' });
  const stage = { context, key, results, resultsUrl, hangMs, arm: () => { isOn = true; } };
  const shadow = new Playing(stage, candidate, 'shadow', candidateProviders);
  const beside = control && new Playing(stage, control, 'control', settings.providers ?? []);
  return {
    context,
    get copyUrl() { return shadow.copyUrl; },
    get control() {
      if (!beside) throw new Error('No control plays in this test. Give shadowUnderTest the old build as `control`.');
      return beside;
    },
    begin: () => shadow.begin(), interrupt: () => shadow.interrupt(), resume: () => shadow.resume(), played: () => shadow.played(),
    report: async () => {
      await shadow.played();
      return reportOf(results);
    },
    judged: async (epsilon) => {
      const [run] = await new Findings(results, () => []).runs(original.name, epsilon);
      if (!run) throw new Error('There is no run.');
      return run;
    },
    close: async () => {
      for (const it of [shadow, beside]) await it?.interrupt();
      await results.close();
      for (const it of [shadow, beside]) await it?.drop();
      await context.close();
    },
  };
}

/** What all that play in one test share. */
interface Stage {
  readonly context: ContextUnderTest;
  readonly key: Buffer;
  readonly results: Database;
  readonly resultsUrl: string;
  readonly hangMs: number;
  /** Lets the original write its tape. */
  arm(): void;
}

class Playing implements PlayerUnderTest {
  copyUrl = '';
  private playing: { readonly shadow: OpenShadow; readonly following: Promise<void> } | undefined;

  constructor(private readonly stage: Stage, private readonly declaration: ContextDeclaration, private readonly purpose: Purpose, private readonly providers: NonNullable<ContextTestSettings['providers']>) {}

  async begin(): Promise<void> {
    const { context, results } = this.stage;
    this.stage.arm();
    const copy = await makeCopy(this.plan);
    this.copyUrl = copy.url;
    const { name } = this.declaration;
    await letReadTape(context.storage.url, name);
    await new RunStore(results).begin({ context: name, purpose: this.purpose, keys: copy.keys, snapshot: copy.snapshot });
    await this.resume();
  }

  async interrupt(): Promise<void> {
    await this.playing?.shadow.stop();
    this.playing = undefined;
  }

  async resume(): Promise<void> {
    const { resultsUrl, hangMs } = this.stage;
    const shadow = await openShadow(this.declaration, { purpose: this.purpose, copyUrl: this.copyUrl, tapeUrl: resultsUrl, storeUrl: resultsUrl }, { providers: this.providers, logLevel: 'silent', holdMs: 150, hangMs });
    this.playing = { shadow, following: shadow.follow() };
    this.playing.following.catch(() => undefined);
  }

  async played(): Promise<void> {
    const { context, results } = this.stage;
    await context.settle();
    await context.database.witness?.stop();
    await Promise.race([untilPlayed(results, this.purpose), this.playing?.following.then(() => { throw new Error(`The ${this.purpose} has ended.`); })]);
  }

  async drop(): Promise<void> {
    await dropCopy(this.plan);
  }

  private get plan(): Parameters<typeof makeCopy>[0] {
    const { context: { storage: { url } }, key } = this.stage;
    const { name, migrations, personal = [] } = this.declaration;
    return { context: name, sourceUrl: url, targetUrl: url, purpose: this.purpose, migrations: [...kernelMigrations, ...migrations], kernelTables, personal, key };
  }
}

async function untilPlayed(results: Database, purpose: Purpose): Promise<void> {
  const [now] = await results.query<{ edge: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS edge');
  await eventually(async () => {
    const [run] = await results.query<{ isPlayed: boolean }>(
      `SELECT behind = 0 AND upto IS NULL AND pg_snapshot_xmin(seen::pg_snapshot) >= $1::xid8 AS "isPlayed" FROM run WHERE state <> 'ended' AND purpose = $2`, [now?.edge ?? '', purpose]);
    if (!run?.isPlayed) throw new Error('The tape is not played to its end.');
  }, 30_000);
}

async function reportOf(results: Database): Promise<ShadowReport> {
  const [run] = await results.query<ShadowReport['run'] & { id: string }>(`SELECT * FROM run WHERE state <> 'ended' AND purpose = 'shadow'`);
  if (!run) throw new Error('There is no run.');
  const covered = await results.query<{ endpoint: string; outcome: string; compared: number; equal: number }>('SELECT * FROM coverage WHERE run = $1', [run.id]);
  return {
    run, coverage: Object.fromEntries(covered.map((it) => [`${it.endpoint} ${it.outcome}`, [it.compared, it.equal]])),
    findings: await results.query<ShadowReport['findings'][number]>('SELECT endpoint, output, kind, field, count, sample FROM finding WHERE run = $1 ORDER BY endpoint, field', [run.id]),
  };
}
