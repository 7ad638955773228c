import type { Ending, Question } from '../../persistence/index.js';
import { errorFromWire } from '../../rpc/index.js';
import { wallClock } from '../../runtime/index.js';
import type { Image, TapedCall, TapedEnd, TapedEvent, TapedInput } from '../tape/entry.js';
import { settlesWithin } from './settles-within.js';

/** The candidate asked something that the original had not asked. Nobody is there to answer it. */
class NotOnTape extends Error {}

/** The replay of an input was given up; whatever it still does comes to nothing. */
class GivenUp extends Error {}

/** What a transaction of the original left behind, and the candidate's is to be held against. */
export interface Original {
  readonly position: string;
  readonly rows: readonly Image[];
  readonly events: readonly TapedEvent[];
}

/** How a transaction of the candidate was held against the original's. */
export type Settle = (performance: Performance, original: Original | undefined, candidate: { readonly rows: readonly Image[]; readonly events: readonly TapedEvent[] }) => Promise<void>;

/**
 * One input, done again. It goes on until it needs something of the tape that has not come yet: leave to begin its next
 * transaction, or an answer from outside. Whoever plays the tape gives it both, in the order in which the original had them.
 */
export class Performance {
  ending: Ending | undefined;
  /** What the candidate asked, in order. */
  readonly asked: Question[] = [];
  /** The original's transaction that the candidate's next one is held against. */
  original: Original | undefined;
  /** All of them that were given to it. */
  readonly originals: Original[] = [];
  /** The rows that were there before it, where somebody looked. */
  stateBefore: Image[] | undefined;
  /** Events of the transaction that is open. */
  events: TapedEvent[] = [];
  end: TapedEnd | undefined;
  /** The server's process that its last transaction ran in. */
  backend: number | undefined;
  /** Transactions of the original that were given to it. */
  parts = 0;
  /** All that the original asked, as far as it is known. */
  private readonly known: TapedCall[] = [];
  /** How long the candidate worked on it, in milliseconds: neither waiting for the tape nor being compared. */
  ownMs = 0;
  /** Something was reported; what follows from it is not. */
  hasDiverged = false;
  private readonly answered = new Set<TapedCall>();
  private state: 'running' | 'waiting' | 'over' = 'running';
  private isGivenUp = false;
  private resumed = wallClock.ticks();
  private wakeUp = Promise.withResolvers<void>();
  private rested = Promise.withResolvers<void>();

  constructor(readonly run: string, readonly input: TapedInput) {}

  get isOver(): boolean {
    return this.state === 'over';
  }

  /** Did the original change anything? */
  get wrote(): boolean {
    return this.originals.some(({ rows, events }) => rows.length > 0 || events.length > 0);
  }

  /** What the original asked, as far as it is known. */
  get calls(): readonly TapedCall[] {
    return this.known;
  }

  /** Of the original, nothing more will come. */
  get isWhole(): boolean {
    return this.end !== undefined && this.parts >= this.end.parts;
  }

  /** The original's next transaction, and what it asked before that. */
  grant(original: Original, calls: readonly TapedCall[]): void {
    this.original = original;
    this.originals.push(original);
    this.parts += 1;
    this.known.push(...calls);
    if (this.end && this.isWhole) this.known.push(...this.end.calls);
    this.wake();
  }

  /** How the original ended. */
  conclude(end: TapedEnd): void {
    this.end = end;
    if (this.isWhole) this.known.push(...end.calls);
    this.wake();
  }

  /** Begins. Never throws: what an input fails with is its ending. */
  start(perform: () => Promise<unknown>): void {
    void perform().catch(() => undefined).then(() => this.enter('over'));
  }

  private wake(): void {
    if (this.state !== 'waiting') return;
    this.state = 'running';
    this.resumed = wallClock.ticks();
    this.rested = Promise.withResolvers();
    this.wakeUp.resolve();
    this.wakeUp = Promise.withResolvers();
  }

  /** Resolves when it is over or waits for the tape. @returns false when it did not within that time, in milliseconds of this process's own life */
  async rest(limitMs: number): Promise<boolean> {
    return this.state !== 'running' || settlesWithin(this.rested.promise, limitMs);
  }

  /** Whatever it waits for will not come. */
  giveUp(): void {
    this.isGivenUp = true;
    this.wake();
  }

  /** Waits for leave to begin a transaction: an original to hold it against, or the knowledge that there is none. @throws GivenUp */
  async leave(): Promise<void> {
    while (!this.original && !this.isWhole && !this.isGivenUp) await this.wait();
    this.refuseIfGivenUp();
  }

  /**
   * The answer that the original got. The same question may be answered in another order; a question with another input
   * gets the answer to the one in its place, so that what follows can still be looked at.
   * @throws NotOnTape, GivenUp, what the original's answer was
   */
  async answerTo(question: Question): Promise<unknown> {
    this.asked.push(question);
    let call = this.find(question);
    while (!call && !this.original && !this.isWhole && !this.isGivenUp) {
      await this.wait();
      call = this.find(question);
    }
    this.refuseIfGivenUp();
    if (!call) throw new NotOnTape(`${question.name} was asked, and the original had not asked it.`);
    this.answered.add(call);
    if (call.outcome.is === 'failed') throw errorFromWire(call.outcome.error);
    return call.outcome.value;
  }

  refuseIfGivenUp(): void {
    if (this.isGivenUp) throw new GivenUp('The replay of this input was given up.');
  }

  private find({ name, input }: Question): TapedCall | undefined {
    const open = this.known.filter((it) => it.name === name && !this.answered.has(it));
    const text = JSON.stringify(input);
    return open.find((it) => JSON.stringify(it.input) === text) ?? open[0];
  }

  private async wait(): Promise<void> {
    const { promise } = this.wakeUp;
    this.enter('waiting');
    await promise;
  }

  private enter(state: 'waiting' | 'over'): void {
    if (this.state === 'running') this.ownMs += wallClock.ticks() - this.resumed;
    this.state = state;
    this.rested.resolve();
  }
}
