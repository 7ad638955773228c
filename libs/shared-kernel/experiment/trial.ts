import { DeadlineExceeded } from '../contract/index.js';
import type { Metrics } from '../observability/index.js';
import { type Database, DatabaseAway, NotRehearsed } from '../persistence/index.js';
import { type RunBeside, besideInput, requireInput, wallClock } from '../runtime/index.js';
import { type Gates, isChosen, obstacle } from './admission.js';
import { Breaker } from './breaker.js';
import { Budget } from './budget.js';
import { type Difference, differences } from './differences.js';
import type { Running } from './experiments.js';
import { leftAlone } from './left-alone.js';
import { ExperimentRecord } from './record.js';
import { type Ended, NotCopyable, asEnded, copyOf, ended, errorSeen, seenOf } from './seen.js';
import type { ExperimentReport, Outcome, Seen, SkipReason } from './words.js';

/** One call, as both implementations take it. `written` reads what the call wrote. */
export interface Call {
  readonly method: string;
  readonly kind: 'read' | 'write';
  readonly args: readonly unknown[];
  readonly ask: (side: Side, args: readonly unknown[]) => Promise<unknown>;
  readonly written?: (side: Side, args: readonly unknown[]) => Promise<unknown>;
}

export type Side = 'control' | 'candidate';

/** What `ExperimentSettings` says, complete. */
export interface TrialSettings {
  readonly name: string;
  readonly percent: number;
  readonly waitMs: number;
  readonly timeoutMs: number;
  readonly budget: number;
  readonly atOnce: number;
  readonly clean: (value: unknown, method: string) => unknown;
  readonly ignore: (difference: Difference, method: string) => boolean;
  readonly compare: typeof differences;
}

interface Pair { readonly control: Seen; readonly candidate: Seen }

/** A call that is compared. */
interface Compared extends Call {
  readonly beside: RunBeside;
  readonly inputId: string;
  readonly correlationId: string;
  readonly at: Date;
}

/** Nothing could be compared. */
class Skipped extends Error {
  constructor(readonly reason: SkipReason) {
    super(reason);
  }
}

/** A function that the experiment was given threw. */
class Broken extends Error {}

function own<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw Object.assign(new Broken(), { cause: error });
  }
}

/**
 * An experiment at work. Whatever the candidate does, the caller gets the control's answer or error, untouched. What is
 * compared of a write happens around the control, in its transaction; of a read, after it.
 */
export class Trial implements Running {
  private readonly record: ExperimentRecord;
  private readonly gates: Gates & { readonly budget: Budget; readonly breaker: Breaker };
  private readonly underWay = new Set<Promise<void>>();
  private admitted = 0;

  constructor(private readonly database: Database, metrics: Metrics, private readonly settings: TrialSettings) {
    const { name, waitMs, atOnce, budget } = settings;
    this.record = new ExperimentRecord(database.context, name, metrics);
    this.gates = { database, waitMs, atOnce, budget: new Budget(budget, Math.max(waitMs, 1_000 * budget)), breaker: new Breaker() };
  }

  report(): ExperimentReport {
    const { outcomes, mismatches } = this.record;
    return { name: this.settings.name, isOff: this.gates.breaker.isOff, underWay: this.admitted, outcomes: { ...outcomes }, mismatches: [...mismatches] };
  }

  async idle(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  /** Answers what the control answers. A call that is not compared is passed on in the same instant. */
  run(call: Call): Promise<unknown> {
    const compared = this.admit(call);
    if (!compared) return call.ask('control', call.args);
    return compared.kind === 'read' ? this.read(compared, call.args) : this.write(compared, call.args);
  }

  private admit(call: Call): Compared | undefined {
    if (!isChosen(this.settings.name, this.settings.percent)) return undefined;
    try {
      const args = copyOf(call.args);
      const reason = obstacle(call.kind, this.gates, this.admitted);
      if (reason) throw new Skipped(reason);
      const { inputId, correlationId, at } = requireInput();
      return { ...call, args, beside: besideInput(), inputId, correlationId, at };
    } catch (error) {
      this.giveUp(call.method, error);
      return undefined;
    }
  }

  /** The candidate asks when the control's answer is on its way, in the background. */
  private async read(call: Compared, args: readonly unknown[]): Promise<unknown> {
    this.admitted += 1;
    const control = await this.timed(call, 'control', () => ended(() => call.ask('control', args)));
    const seen = this.seen(call, control);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.underWay.add(promise);
    setImmediate(() => {
      const comparing = seen ? this.judged(call, () => this.readBeside(call, seen)) : Promise.resolve();
      void comparing.finally(() => {
        this.admitted -= 1;
        this.underWay.delete(promise);
        resolve();
      });
    });
    return asEnded(control);
  }

  /** Control and candidate on the same snapshot, unless the candidate's answer is the one that the control gave before. */
  private readBeside(call: Compared, before: Seen): Promise<Pair> {
    const { timeoutMs } = this.settings;
    const onSnapshot = <T>(work: () => Promise<T>) => call.beside(timeoutMs, () => this.spending(() => this.database.rehearse(work, timeoutMs)));
    const again = () => call.beside(timeoutMs, () => ended(() => call.ask('control', copyOf(call.args)))).then(seenOf);
    let isAskedAgain = false;
    return onSnapshot(async () => {
      const candidate = { answer: await this.candidateSays(call) };
      if (this.differ(call, { control: before, candidate }).length === 0) return { candidate, control: before };
      isAskedAgain = true;
      return { candidate, control: await again() };
    }).catch(async (error: unknown) => {
      if (isAskedAgain) throw new Skipped('unread');
      const candidate = this.blamed(error);
      return { candidate, control: 'error' in before ? before : await onSnapshot(again) };
    });
  }

  private async write(call: Compared, args: readonly unknown[]): Promise<unknown> {
    const until = wallClock.ticks() + this.settings.waitMs;
    const tried = await ended(() => this.spending(() => this.rehearsed(call, this.settings.waitMs)));
    const control = await this.timed(call, 'control', () => ended(() => call.ask('control', args)));
    await this.judged(call, async () => {
      const candidate = tried.is === 'answered' ? tried.answer as Seen : this.blamed(tried.error);
      if (control.is === 'threw' || 'error' in candidate || !call.written) return { candidate, control: seenOf(control) };
      return { candidate, control: { answer: copyOf(control.answer), written: await this.reread(call, until - wallClock.ticks()) } };
    });
    return asEnded(control);
  }

  /** Does it, reads what it wrote, and takes it back. */
  private rehearsed(call: Compared, limitMs: number): Promise<Seen> {
    return this.database.rehearse(() => call.beside(limitMs, async () => {
      const answer = await this.candidateSays(call);
      return call.written ? { answer, written: copyOf(await this.leftAlone(call, () => call.written?.('candidate', copyOf(call.args)))) } : { answer };
    }), limitMs);
  }

  private async candidateSays(call: Compared): Promise<unknown> {
    return copyOf(await this.timed(call, 'candidate', () => this.leftAlone(call, () => call.ask('candidate', copyOf(call.args)))));
  }

  private leftAlone<T>({ method }: Call, work: () => T): T {
    return leftAlone((error) => this.record.unheard(method, error), work);
  }

  /** What the control wrote. It is read under a savepoint, so that its transaction cannot be harmed by it. */
  private async reread(call: Compared, leftMs: number): Promise<unknown> {
    const limitMs = Math.max(1, leftMs);
    const read = await ended(() => this.spending(() => this.database.rehearse(() => call.beside(limitMs, async () => call.written?.('control', copyOf(call.args))), limitMs)));
    if (read.is === 'threw') throw new Skipped('unread');
    return copyOf(read.answer);
  }

  /** What the candidate's error says of it. @throws what says nothing about it */
  private blamed(error: unknown): Seen {
    if (error instanceof NotRehearsed) throw new Skipped('shared-transaction');
    if (error instanceof DatabaseAway) throw new Skipped('database-away');
    if (error instanceof DeadlineExceeded || error instanceof NotCopyable || error instanceof Skipped || error instanceof Broken) throw error;
    return errorSeen(error);
  }

  /** Counts, logs and keeps what came of it. Never throws. */
  private async judged(call: Compared, compare: () => Promise<Pair>): Promise<void> {
    try {
      this.conclude(call, await compare());
    } catch (error) {
      this.giveUp(call.method, error);
    }
  }

  private conclude(call: Compared, pair: Pair): void {
    const found = this.differ(call, pair);
    const outcome = found.length === 0 ? 'same' : 'error' in pair.candidate && !('error' in pair.control) ? 'failed' : 'different';
    this.count(call.method, outcome);
    if (outcome === 'same') return;
    const { method, args, inputId, correlationId, at } = call;
    this.record.keep({ method, outcome, inputId, correlationId, at, args, ...this.cleaned(call, pair), differences: found });
  }

  /** @throws Broken */
  private differ(call: Compared, pair: Pair): Difference[] {
    const { control, candidate } = this.cleaned(call, pair);
    return own(() => this.settings.compare(control, candidate).filter((it) => !this.settings.ignore(it, call.method)));
  }

  private cleaned({ method }: Call, { control, candidate }: Pair): Pair {
    const clean = (seen: Seen): Seen => {
      if ('error' in seen) return seen;
      const answer = this.settings.clean(seen.answer, method);
      return 'written' in seen ? { answer, written: this.settings.clean(seen.written, method) } : { answer };
    };
    return own(() => ({ control: clean(control), candidate: clean(candidate) }));
  }

  private count(method: string, outcome: Exclude<Outcome, 'skipped'>): void {
    this.record.count(method, outcome);
    const switched = this.gates.breaker.note(outcome === 'failed' || outcome === 'timed-out');
    if (switched) this.record.switched(switched);
  }

  private giveUp(method: string, error: unknown): void {
    if (error instanceof DeadlineExceeded) this.count(method, 'timed-out');
    else if (error instanceof NotCopyable) this.record.skip(method, 'not-copyable');
    else if (error instanceof Skipped) this.record.skip(method, error.reason);
    else this.record.broken(method, error instanceof Broken ? error.cause : error);
  }

  private seen(call: Compared, control: Ended): Seen | undefined {
    try {
      return seenOf(control);
    } catch (error) {
      this.giveUp(call.method, error);
      return undefined;
    }
  }

  private timed<T>({ method }: Call, side: Side, work: () => Promise<T>): Promise<T> {
    return measured(work, (ms) => this.record.took(method, side, ms));
  }

  private spending<T>(work: () => Promise<T>): Promise<T> {
    return measured(work, (ms) => this.gates.budget.spend(ms));
  }
}

async function measured<T>(work: () => Promise<T>, note: (ms: number) => void): Promise<T> {
  const began = wallClock.ticks();
  try {
    return await work();
  } finally {
    note(wallClock.ticks() - began);
  }
}
