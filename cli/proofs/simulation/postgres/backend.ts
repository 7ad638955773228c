import type { ScheduledEvent } from '../engine/schedule.js';
import type { Twin } from './book.js';
import type { SimulatedServer } from './server.js';
import { SqlError, inFailedTransaction, lockTimeout, statementTimeout } from './sql-error.js';
import { Statement, type Waits, advance } from './statement.js';
import { Transaction } from './transaction.js';

/** The limits that a context's role has on the server, in milliseconds. */
const STATEMENT_TIMEOUT_MS = 30_000;
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 60_000;

/** What a connection's other end is told: the answer to the oldest message that has none. */
export interface Answer {
  readonly command: string;
  readonly rows: readonly object[];
  /** As ReadyForQuery says: idle, in a transaction, in a failed one. */
  readonly status: 'I' | 'T' | 'E';
  readonly error?: Error;
}

export interface Message {
  readonly text: string;
  readonly params: readonly unknown[];
}

/** A statement that is under way, perhaps waiting for a lock. */
interface Running {
  readonly twin: Twin;
  readonly message: Message;
  readonly steps: Waits<readonly object[]>;
  readonly transaction: Transaction;
  readonly alarm: ScheduledEvent[];
}

/** One session on the server: takes messages one after the other, and answers them in that order. */
export class Backend {
  private readonly queue: Message[] = [];
  private open: Transaction | undefined;
  private hasFailed = false;
  private timeoutMs = STATEMENT_TIMEOUT_MS;
  private running: Running | undefined;
  private isClosed = false;
  /** Ends a session whose client holds a transaction open and says nothing. */
  private patience: ScheduledEvent | undefined;

  /** @param hungUp told when the server ends the session of its own accord */
  constructor(
    readonly name: string, readonly schema: string, private readonly server: SimulatedServer,
    private readonly answer: (answer: Answer) => void, private readonly hungUp: () => void,
  ) {}

  get isWaiting(): boolean {
    return this.running !== undefined;
  }

  receive(message: Message): void {
    if (this.isClosed) return;
    if (this.patience) this.patience.isCancelled = true;
    this.queue.push(message);
    if (!this.running) this.work();
  }

  /** The connection is gone, or the server: what is open is rolled back. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.patience) this.patience.isCancelled = true;
    this.queue.length = 0;
    const { running, open } = this;
    this.disarm();
    this.running = undefined;
    this.open = undefined;
    this.server.forget(this);
    this.server.trace?.({ is: 'closed', session: this.name });
    if (running && running.transaction !== open) running.transaction.end(undefined);
    open?.end(undefined);
  }

  private work(): void {
    for (let message = this.queue.shift(); message; message = this.running || this.isClosed ? undefined : this.queue.shift()) this.take(message);
  }

  private take(message: Message): void {
    const control = /^\s*(begin|commit|rollback|set)\b(?:.*statement_timeout = (\d+))?/i.exec(message.text);
    if (control && !(this.hasFailed && /^\s*set/i.test(message.text))) return this.control(message, (control[1] ?? '').toUpperCase(), control[2]);
    if (this.hasFailed) return this.reply('', [], inFailedTransaction());
    const twin = this.server.book.find(message.text);
    const transaction = this.open ?? this.server.newTransaction(this.name);
    const steps = twin.run(new Statement(this.server.placeOf(this.schema, transaction)), message.params);
    this.running = { twin, message, steps, transaction, alarm: [] };
    this.server.trace?.({ is: 'sent', session: this.name, schema: this.schema, twin: twin.name, message, at: this.server.clock(), began: transaction.startedAt, snapshot: this.server.snapshotFor(transaction) });
    this.advance();
  }

  private control(message: Message, command: string, timeout: string | undefined): void {
    this.server.trace?.({ is: 'sent', session: this.name, schema: this.schema, twin: command, message, at: this.server.clock(), began: this.server.clock(), snapshot: this.server.snapshotFor(this.open) });
    if (command === 'BEGIN') {
      this.open = this.server.newTransaction(this.name);
      this.timeoutMs = timeout === undefined ? STATEMENT_TIMEOUT_MS : Number(timeout);
      return this.reply('BEGIN', []);
    }
    if (command === 'SET') return this.reply('SET', []); // how to plan a statement is nothing to us
    const { open, hasFailed } = this;
    const commits = command === 'COMMIT' && !hasFailed;
    this.open = undefined;
    this.hasFailed = false;
    if (open) this.server.end(open, commits);
    this.reply(commits ? 'COMMIT' : 'ROLLBACK', []);
  }

  /** Goes on with the statement until it is done, fails or must wait; then whoever it waits for wakes it. */
  private advance(): void {
    const { running } = this;
    if (!running || this.isClosed) return;
    try {
      running.transaction.waitsFor = undefined;
      const step = advance(running.steps, running.transaction);
      if (step.done) return this.finish(running, step.value);
      running.transaction.waitsFor = step.value;
      this.arm(running);
      this.server.trace?.({ is: 'waits', session: this.name });
      step.value.onEnd(() => { if (this.running === running) this.advance(); });
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.fail(running, error);
    }
  }

  private arm(running: Running): void {
    if (running.alarm.length > 0) return;
    const limit = (ms: number, error: () => SqlError) => this.server.schedule.plan({
      delayMs: ms, kind: 'world', what: `${this.name}: the wait for a lock ends`, run: () => { if (this.running === running) this.cancel(running, error()); },
    });
    running.alarm.push(limit(LOCK_TIMEOUT_MS, lockTimeout), limit(this.open ? this.timeoutMs : STATEMENT_TIMEOUT_MS, statementTimeout));
  }

  private cancel(running: Running, error: SqlError): void {
    this.server.trace?.({ is: 'cancelled', session: this.name });
    this.fail(running, error);
    this.work();
  }

  private finish(running: Running, rows: readonly object[]): void {
    this.leave(running);
    if (running.transaction !== this.open) this.server.end(running.transaction, true);
    this.reply('DONE', rows);
    this.work();
  }

  private fail(running: Running, error: SqlError): void {
    this.leave(running);
    if (running.transaction === this.open) this.hasFailed = true;
    else this.server.end(running.transaction, false);
    this.reply('', [], error);
  }

  private expectMore(): void {
    this.patience = this.server.schedule.plan({
      delayMs: IDLE_IN_TRANSACTION_MS, kind: 'world', what: `${this.name} was idle in its transaction for too long`,
      run: () => {
        this.close();
        this.hungUp();
      },
    });
  }

  private leave(running: Running): void {
    this.disarm();
    running.transaction.waitsFor = undefined;
    this.running = undefined;
  }

  private disarm(): void {
    for (const alarm of this.running?.alarm ?? []) alarm.isCancelled = true;
  }

  private reply(command: string, rows: readonly object[], error?: Error): void {
    const status = this.hasFailed ? 'E' : this.open ? 'T' : 'I';
    this.server.trace?.({ is: 'answered', session: this.name, rows, error: error instanceof SqlError ? error.code : undefined, command });
    this.answer({ command, rows, status, ...(error ? { error } : {}) });
    if (status !== 'I' && this.queue.length === 0) this.expectMore();
  }
}
