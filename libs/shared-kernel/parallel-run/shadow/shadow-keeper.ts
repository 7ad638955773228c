import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { MONOLITH } from '../../facade/index.js';
import { logger } from '../../observability/index.js';
import { wallClock } from '../../runtime/index.js';
import type { Purpose, RunStore } from '../findings/run-store.js';
import { withAdmin } from '../tape/admin.js';
import { beginOnTape, endTape, isOnlyKeeper, tapeOf } from '../tape/ending.js';
import { letReadTape } from '../tape/let-read.js';
import { plainName } from '../tape/redaction.js';
import { type CopyPlan, dropCopy, hasCopy, makeCopy } from './copy.js';

/** What the process that plays is told; it has no other credentials. */
export interface ShadowEnvironment {
  readonly SHADOW_PURPOSE: Purpose;
  /** The copy, with the role that may do nothing elsewhere. */
  readonly SHADOW_COPY_URL: string;
  /** The tape, with a role that reads it and writes what is found. */
  readonly SHADOW_TAPE_URL: string;
  readonly SHADOW_STORE_URL: string;
}

/** What a keeper looks after. */
export interface ShadowKeeperParts {
  readonly plan: CopyPlan;
  readonly store: RunStore;
  /** With the role of the parallel runs: the context's database, and the house's. */
  readonly tapeUrl: string;
  readonly storeUrl: string;
  /** Is the context to be compared at the moment? */
  readonly isWanted: () => boolean;
  /** The program that plays, with what it needs of the environment and nothing secret. */
  readonly program: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Old build and new one do not hide the same. */
class OtherPersonalFields extends Error {}

type Child = ChildProcessByStdio<Writable, null, null>;

const [LOOK_MS, FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [250, 500, 30_000];
/** A process that played for so long was well; the next one need not wait. */
const WELL_MS = 30_000;

const log = logger('parallel-run');

/**
 * Keeps a shadow of a context for as long as one is wanted: makes the copy, lets a process of its own play the tape to it,
 * starts another one when that one dies, and takes everything away when it is wanted no more. The process that plays gets a
 * role that may work on the copy, one that may read the tape and write down what was found, and nothing else: no broker, no
 * administrator, no secret of the context. A lock lets one keeper of the house look after a context.
 */
export class ShadowKeeper {
  private isStopping = false;
  private keeping: Promise<void> = Promise.resolve();
  private child: Child | undefined;

  constructor(private readonly parts: ShadowKeeperParts) {}

  start(): void {
    this.keeping = this.keep();
  }

  /** Lets the process end; the run stays as it is. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.child?.stdin.end();
    await this.keeping;
  }

  private async keep(): Promise<void> {
    await this.takeAwayWhatIsLeft().catch((error: unknown) => this.complain(error));
    for (let failures = 0; !this.isStopping;) {
      failures = await this.keepWanted() ? 0 : failures + 1;
      await this.rest(failures === 0 ? LOOK_MS : Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS));
    }
  }

  /** @returns false when it went wrong */
  private async keepWanted(): Promise<boolean> {
    if (!this.parts.isWanted()) return true;
    try {
      await this.asTheOne(() => this.keepOne());
      return true;
    } catch (error) {
      this.complain(error);
      const { plan: { context, purpose }, store } = this.parts;
      await store.couldNotBegin(context, purpose, `It could not be kept, and begins anew with another copy: ${whyOf(error)}`).catch(() => undefined); // it is in the log
      return false;
    }
  }

  private async rest(ms: number): Promise<void> {
    await sleep(LOOK_MS);
    for (let waited = LOOK_MS; waited < ms && this.isOn(); waited += LOOK_MS) await sleep(LOOK_MS);
  }

  /** From the copy to its end. */
  private async keepOne(): Promise<void> {
    const { plan, store } = this.parts;
    const { context, purpose } = plan;
    await this.assertSamePersonal();
    const tape = await tapeOf(plan.sourceUrl, context);
    const { url, snapshot, keys } = await makeCopy(plan);
    await letReadTape(plan.sourceUrl, context);
    const run = await beginOnTape(plan.sourceUrl, { context, tape, begin: () => store.begin({ context, purpose, keys, snapshot }) });
    log.info({ context, purpose, run }, `The ${purpose} plays.`);
    for (let pauseMs = FIRST_PAUSE_MS; this.isOn() && (await store.current(context, purpose))?.id === run;) {
      const started = wallClock.ticks();
      await this.playOnce(url);
      pauseMs = wallClock.ticks() - started > WELL_MS ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      await this.rest(pauseMs);
    }
    if (!this.isStopping && !this.parts.isWanted()) await this.takeAway();
  }

  /** What comes in is hidden by the build that serves, rows by this one: where they disagree, all would differ, or a name be read. */
  private async assertSamePersonal(): Promise<void> {
    const { plan: { context, personal }, store } = this.parts;
    const theirs = await store.recordedBy(MONOLITH, context);
    if (theirs === undefined) return;
    const [here, there] = [personal, theirs].map((names) => [...new Set(names.map(plainName))].toSorted().join(', ') || 'nothing');
    if (here !== there) throw new OtherPersonalFields(`this build calls ${here} personal in ${context}, and the one that serves calls ${there} so. Deploy a change of \`personal\` to both before a parallel run.`);
  }

  /** One life of the process that plays. */
  private async playOnce(copyUrl: string): Promise<void> {
    const { plan, tapeUrl, storeUrl, program, environment } = this.parts;
    const told: ShadowEnvironment = { SHADOW_PURPOSE: plan.purpose, SHADOW_COPY_URL: copyUrl, SHADOW_TAPE_URL: tapeUrl, SHADOW_STORE_URL: storeUrl };
    const child = spawn(process.execPath, ['--enable-source-maps', ...program], { env: { ...environment, ...told }, stdio: ['pipe', 'inherit', 'inherit'] });
    child.stdin.on('error', () => undefined); // it is gone already
    this.child = child;
    const ended = once(child, 'exit');
    while (child.exitCode === null && child.signalCode === null && this.isOn()) await Promise.race([ended, sleep(LOOK_MS)]);
    child.stdin.end();
    const [code, signal] = await ended as [number | null, string | null];
    this.child = undefined;
    if (this.isOn()) {
      log.warn({ context: plan.context, purpose: plan.purpose, code, signal }, 'The process that plays ended; another one goes on where it was.');
      const current = await this.parts.store.current(plan.context, plan.purpose);
      if (current) await this.parts.store.fail(current.id, `The process that played ended with ${signal ?? code ?? 'nothing'}.`);
    }
  }

  private isOn(): boolean {
    return this.parts.isWanted() && !this.isStopping;
  }

  /** An earlier life may have been killed before it could take away what nobody wants any more. */
  private async takeAwayWhatIsLeft(): Promise<void> {
    if (!this.parts.isWanted() && await hasCopy(this.parts.plan)) await this.asTheOne(() => this.takeAway());
  }

  private async takeAway(): Promise<void> {
    const { plan, store } = this.parts;
    await store.end(plan.context, plan.purpose);
    if (plan.purpose === 'shadow') await endTape(plan.sourceUrl, plan.context, () => this.letControlGo());
    await dropCopy(plan);
    log.info({ context: plan.context, purpose: plan.purpose }, `The ${plan.purpose} is gone, and its copy with it.`);
  }

  /** What it plays is ended, also where its machine is away: it must not speak in the next comparison, but begin anew like the shadow does. */
  private async letControlGo(): Promise<boolean> {
    await this.parts.store.end(this.parts.plan.context, 'control');
    return true;
  }

  private async asTheOne(work: () => Promise<void>): Promise<void> {
    const { sourceUrl, context, purpose } = this.parts.plan;
    await withAdmin(sourceUrl, async (admin) => {
      if (await isOnlyKeeper(admin, context, purpose)) await work();
      else await sleep(LOOK_MS);
    });
  }

  private complain(error: unknown): void {
    const { context, purpose } = this.parts.plan;
    log.error({ context, purpose, err: error }, `The ${purpose} could not be kept; it is tried again. The context itself does not notice.`);
  }
}

/** A server that cannot be reached at any of its addresses says so by a code alone. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === '' && 'code' in error ? String(error.code) : error.message;
}
