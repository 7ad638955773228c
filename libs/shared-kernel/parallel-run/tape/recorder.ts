import { BanyanError } from '../../contract/index.js';
import { logger } from '../../observability/index.js';
import type { AnnouncedEvent, Database, Ending, Occasion, Question, Watched, Witness } from '../../persistence/index.js';
import { errorToWire, jsonCopy } from '../../rpc/index.js';
import { Slot, wallClock } from '../../runtime/index.js';
import { Endings } from './endings.js';
import { type TapedCall, type TapedEnd, type TapedInput, tapedEvent } from './entry.js';
import { Recording, TransactionNotes, inputNow } from './recording.js';
import type { Redaction } from './redaction.js';
import { redactedCall, redactedEnding, redactedEvent, redactedOccasion } from './redact.js';
import { beginWriteSet, currentSnapshot, postTransaction } from './tape-store.js';

/** What a recorder is told. */
export interface RecorderParts {
  readonly database: Database;
  readonly redaction: Redaction;
  /** Is the context's tape running at the moment? Asked on every input. */
  readonly isOn: () => boolean;
  /** Of the inputs that change nothing, the share that is written down, 0 to 1. */
  readonly reads: number;
  /** How long the end of an input waits to be written with others, in milliseconds; 500 when left out. */
  readonly flushMs?: number;
}

const log = logger('parallel-run');

/**
 * Writes down what goes into a context and what comes out of it, on the side that serves. A business transaction has one
 * more row for it, in its last message; so either both are there or none. Reads, refusals, and what follows the last
 * transaction of an input are written some at once, later, by nobody's request.
 */
export class Recorder implements Witness {
  private readonly recordings: Slot<Recording>;
  private readonly notes = new WeakMap<object, TransactionNotes>();
  private readonly endings: Endings;
  private readonly database: Database;
  /** Endings whose last moment is being asked for. */
  private readonly adding = new Set<Promise<void>>();

  constructor(private readonly parts: RecorderParts) {
    this.database = parts.database;
    this.recordings = new Slot(`banyan.recording.${this.database.context}`);
    this.endings = new Endings(this.database, parts.flushMs);
  }

  get isWatching(): boolean {
    return this.parts.isOn();
  }

  get isInside(): boolean {
    return this.recordings.get()?.isRead === false;
  }

  begin(occasion: Occasion): Watched | undefined {
    if (this.database.inTransaction) return this.join(occasion);
    const isRead = readsOnly(occasion);
    if (isRead && Math.random() >= this.parts.reads) return undefined;
    const recording = new Recording(inputNow(occasion), isRead);
    const watched = {
      within: <T>(callback: () => T): T => this.recordings.with(recording, callback),
      ended: (ending: Ending): void => this.end(recording, ending),
    };
    if (!isRead) return watched;
    recording.before = this.snapshot();
    return { ...watched, ready: recording.before };
  }

  async ask<T>(question: Question, ask: () => Promise<T>): Promise<T> {
    const recording = this.recordings.get();
    // Several inputs that share a transaction share what they asked, too.
    const asking = recording ?? this.notesNow;
    if (!asking) return ask();
    const [asked, nth] = [wallClock.ticks(), asking.nextCall()];
    try {
      const value = await ask();
      asking.calls.push(this.told({ ...question, nth, outcome: { is: 'answered', value } }));
      return value;
    } catch (error) {
      // Whoever does it again is told the same; what is not catalogued keeps its text in the log.
      if (!(error instanceof BanyanError)) log.debug({ err: error, question: question.name }, 'An answer that is no catalogued error is on the tape as "internal".');
      asking.calls.push(this.told({ ...question, nth, outcome: { is: 'failed', error: errorToWire(error, question.name) } }));
      throw error;
    } finally {
      recording?.waited(wallClock.ticks() - asked);
    }
  }

  beforeTransaction(): void {}

  looked(): void {
    const recording = this.recordings.get();
    if (recording) recording.hasLooked = true;
  }

  transactionBegan(): void {
    const recording = this.recordings.get();
    if (recording) recording.hasLooked = true;
    if (recording && !recording.isRead) this.noteTransaction(new TransactionNotes(recording));
  }

  announced(events: readonly AnnouncedEvent[]): void {
    const { redaction } = this.parts;
    this.notesNow?.events.push(...events.map((it) => redactedEvent(redaction, tapedEvent(it, redaction.names))));
  }

  /** What is waiting to be written goes out. */
  async stop(): Promise<void> {
    await Promise.all(this.adding);
    await this.endings.flush();
  }

  private get notesNow(): TransactionNotes | undefined {
    return this.database.inTransaction ? this.notes.get(this.database.transactionKey) : undefined;
  }

  /** Several inputs in one transaction: the first of them says that it is written down. */
  private join(occasion: Occasion): Watched {
    const key = this.database.transactionKey;
    if (!this.notes.has(key)) this.noteTransaction(new TransactionNotes(undefined));
    const input = this.redacted(inputNow(occasion));
    this.notes.get(key)?.inputs.push(input);
    return { within: (callback) => callback(), ended: (ending) => { input.ending = redactedEnding(this.parts.redaction, ending); } };
  }

  private noteTransaction(notes: TransactionNotes): void {
    this.notes.set(this.database.transactionKey, notes);
    const began = beginWriteSet(this.database).catch(() => null);
    if (notes.recording) notes.recording.before = began;
    this.database.atCommit(async () => this.write(notes));
  }

  private write({ recording, inputs, events, calls: together }: TransactionNotes): void {
    if (!recording) return postTransaction(this.database, { run: null, part: 0, inputs, calls: together, events });
    const part = recording.parts;
    const calls = recording.calls.splice(0);
    const first = part === 0 ? [this.redacted(recording.input)] : [];
    postTransaction(this.database, { run: recording.run, part, inputs: first, calls, events });
    this.database.afterCommit(() => { recording.parts += 1; });
  }

  private end(recording: Recording, ending: Ending): void {
    const { run, parts, calls, ownMs } = recording;
    const told = { run, parts, ending: redactedEnding(this.parts.redaction, ending), ms: Math.round(ownMs * 100) / 100, calls };
    if (parts > 0) return this.endings.add(told);
    const input = this.redacted(recording.input);
    if (!recording.hasLooked) return this.endings.add({ ...told, input });
    const adding = this.addWithWindow({ ...told, input }, recording).finally(() => this.adding.delete(adding));
    this.adding.add(adding);
  }

  private async addWithWindow(told: Omit<TapedEnd, 'window'>, recording: Recording): Promise<void> {
    this.endings.add({ ...told, window: await this.windowOf(recording) });
  }

  private async windowOf({ before }: Recording): Promise<{ before: string | null; after: string | null }> {
    const from = await before;
    return from === null ? { before: null, after: null } : { before: from, after: await this.snapshot() };
  }

  private snapshot(): Promise<string | null> {
    return currentSnapshot(this.database).catch(() => null);
  }

  /** Whoever asked may change the answer before it is written down. */
  private told({ outcome, ...call }: TapedCall): TapedCall {
    return redactedCall(this.parts.redaction, { ...call, outcome: outcome.is === 'answered' ? { ...outcome, value: jsonCopy(outcome.value) } : outcome });
  }

  private redacted({ occasion, pinned }: TapedInput): TapedInput {
    return { occasion: redactedOccasion(this.parts.redaction, occasion), pinned };
  }
}

/** Nobody may change anything by asking. */
function readsOnly({ kind, name }: Occasion): boolean {
  return kind === 'query' || (kind === 'request' && /^(?:GET|HEAD) /.test(name));
}
