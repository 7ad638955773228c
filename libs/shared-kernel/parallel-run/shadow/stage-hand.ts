import type { AnnouncedEvent, Database, Ending, Occasion, Question, Watched, Witness } from '../../persistence/index.js';
import { Slot, wallClock } from '../../runtime/index.js';
import { type Image, imagesOf, tapedEvent } from '../tape/entry.js';
import { PersonalNames } from '../tape/redaction.js';
import { WRITE_SET, beginWriteSet } from '../tape/tape-store.js';
import type { Performance, Settle } from './performance.js';

/**
 * The witness of the context that does inputs again: lets its transactions begin when it is their turn, answers what it
 * asks from the tape, and holds each transaction against the original's before it commits. What differs is taken back, and
 * the rows become what they are in the original; so one difference does not become many.
 */
export class StageHand implements Witness {
  readonly isWatching = true;
  private readonly slot: Slot<Performance>;

  private readonly personal: PersonalNames;
  private settle: Settle = async () => undefined;

  /** @param personal names of fields that tell who a person is */
  constructor(private readonly database: Database, personal: readonly string[] = []) {
    this.personal = new PersonalNames(personal);
    this.slot = new Slot(`banyan.performance.${database.context}`);
  }

  get isInside(): boolean {
    return this.slot.get() !== undefined;
  }

  /** Says what is to be done with a transaction of the candidate before it commits. */
  onClose(settle: Settle): void {
    this.settle = settle;
  }

  /** Runs the callback as part of the performance. */
  during<T>(performance: Performance, callback: () => T): T {
    return this.slot.with(performance, callback);
  }

  begin(_occasion: Occasion): Watched | undefined {
    const performance = this.slot.get();
    return performance && { within: (callback) => callback(), ended: (ending: Ending) => { performance.ending = ending; } };
  }

  async ask<T>(question: Question, _ask: () => Promise<T>): Promise<T> {
    const performance = this.slot.get();
    if (!performance) throw new Error(`${question.name} was asked outside of any input; in a replay nobody is there to answer it.`);
    // What the tape holds was the answer to this very question.
    return await performance.answerTo(question) as T;
  }

  async beforeTransaction(): Promise<void> {
    await this.slot.get()?.leave();
  }

  transactionBegan(): void {
    void beginWriteSet(this.database).catch(() => undefined);
    const performance = this.slot.get();
    if (!performance) return;
    performance.events = [];
    this.database.query('SAVEPOINT performed').catch(() => undefined);
    void this.noteBackend(performance);
    this.database.atCommit(() => this.close(performance));
  }

  announced(events: readonly AnnouncedEvent[]): void {
    this.slot.get()?.events.push(...events.map((it) => tapedEvent(it, this.personal)));
  }

  looked(): void {}

  async stop(): Promise<void> {}

  private async noteBackend(performance: Performance): Promise<void> {
    const [row] = await this.database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid').catch(() => []);
    performance.backend = row?.pid;
  }

  /** The last thing in a transaction of the candidate. */
  private async close(performance: Performance): Promise<void> {
    performance.refuseIfGivenUp();
    const closing = wallClock.ticks();
    const [row] = await this.database.query<{ written: string | null }>(`SELECT nullif(current_setting('${WRITE_SET}', true), '') AS written`);
    const rows: Image[] = imagesOf(row?.written ? `[${row.written}]` : null);
    const { original, events } = performance;
    await this.settle(performance, original, { rows, events });
    performance.original = undefined;
    performance.ownMs -= wallClock.ticks() - closing;
  }
}
