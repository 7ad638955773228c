import type { DataSource, EntityManager } from 'typeorm';
import { noteWork } from '../observability/index.js';
import { Slot, checkDeadline } from '../runtime/index.js';
import { STATEMENT_TIMEOUT_MS, beforeDeadline, cut, giveBack, send, takeConnection } from './lease.js';
import { OpenTransaction } from './open-transaction.js';
import { type Enter, isRehearsable, rehearseApart, rehearseWithin } from './rehearsal.js';
import { statementSpan } from './statement-span.js';
import { StatementNames } from './statement-names.js';
import { isConnectionLoss, isStalePlan, translate, unknownOutcome } from './translate.js';
import { type TransactionView, Turn } from './turn.js';
import type { Witness } from './witness.js';

type Work = () => Promise<void>;

/** How a line of works ended: so many of them are done, and the next one failed or there was none. */
export interface LineOutcome {
  readonly done: number;
  readonly failed: boolean;
  readonly error: unknown;
}

const READS_ONLY = /^\s*(?:select|values|table|show)\b/i;

/**
 * The database of one context: its own role, pool and schema. Injected by class; Nest gives each context its own.
 *
 * The open transaction is request-local state, one slot per instance: whatever the work of a transaction awaits is
 * part of it, and the transactions of two contexts never mix.
 */
export class Database {
  private readonly slot: Slot<TransactionView>;
  private readonly names = new StatementNames();
  private readonly underWay = new Set<Promise<unknown>>();
  /** Sees what the context does, where somebody compares it with what it does elsewhere. Said once, before the first input. */
  witness: Witness | undefined;

  constructor(readonly context: string, readonly dataSource: DataSource) {
    this.slot = new Slot(`banyan.transaction.${context}`);
  }

  /** Server and database, without who connects: the same for all contexts on it. */
  get address(): string {
    const { options } = this.dataSource;
    const { host, pathname, searchParams } = new URL('url' in options && typeof options.url === 'string' ? options.url : 'postgres://nowhere');
    return `${host}${pathname}?host=${searchParams.get('host') ?? ''}`;
  }

  /**
   * Runs one SQL statement, in the open transaction of this context if there is one, else on the pool by itself.
   * Arrays become PostgreSQL arrays; what goes into a json column is passed as text (`JSON.stringify`).
   * @returns the rows; bigint as number where that is exact, timestamptz as Date, date and numeric as text
   * @throws DatabaseAway, ConflictRetry, DeadlineExceeded; MaybeExecuted when the connection was lost over a write that
   *   stood by itself; what PostgreSQL says about the statement (`code` is its SQLSTATE)
   */
  async query<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    const open = this.slot.get();
    if (!open && this.watching?.isInside && !READS_ONLY.test(sql)) return this.transaction(() => this.query<Row>(sql, params));
    if (!open) this.watching?.looked();
    try {
      return open ? (await open.query(sql, params)).rows : await this.tracked(this.queryByItself<Row>(sql, params));
    } catch (error) {
      throw translate(this.context, error);
    }
  }

  /**
   * Runs the work in one transaction, READ COMMITTED; joins the open one of this context if there is one. Nothing is
   * visible to others until it has committed, which is verified; an error of the work, or of a joined one, rolls back.
   * @throws what the work throws; DeadlineExceeded before anything is done; DatabaseAway, ConflictRetry; TransactionRolledBack
   *   when a failed step was passed over; MaybeExecuted when the connection was lost over the COMMIT
   */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    const open = this.slot.get();
    if (open) return open.join(work);
    checkDeadline(`a transaction of ${this.context} began`);
    return this.tracked(this.ownTransaction(work));
  }

  /** Nobody, most of the time: then nothing more than this is asked. */
  private get watching(): Witness | undefined {
    return this.witness?.isWatching ? this.witness : undefined;
  }

  get inTransaction(): boolean {
    return this.slot.get()?.isOpen ?? false;
  }

  /** TypeORM's entity manager of the open transaction, else the one of the pool. */
  manager(): EntityManager {
    this.watching?.looked();
    return this.slot.get()?.manager ?? this.dataSource.manager;
  }

  /**
   * Sends a statement of the open transaction whose answer nobody needs. Asked for right before the end of the work or
   * in a hook before the commit, it leaves in one message with the COMMIT. When it fails, nothing is committed, and
   * `transaction` throws its error.
   * @throws Error outside of a transaction
   */
  post(sql: string, params: readonly unknown[] = []): void {
    this.requireTransaction('post').post(sql, params);
  }

  /**
   * Starts all lines of works at once inside of the open transaction, where their statements leave in few messages, with
   * the outcome of running all works one after the other. The works of a line follow each other; a line ends with the
   * first of its works that fails.
   *
   * This holds for works that send one statement, or several without waiting for answers in between. A work that asks
   * for another one after somebody else has begun fails with TurnsMixed, and the transaction can only be rolled back:
   * run its works one by one then.
   * @throws Error outside of a transaction
   */
  async inTurns(lines: ReadonlyArray<readonly Work[]>): Promise<LineOutcome[]> {
    const { transaction } = this.requireTransaction('inTurns');
    return Promise.all(lines.map(async (works) => {
      let done = 0;
      try {
        for (const work of works) {
          await this.slot.with(new Turn(transaction), work);
          done += 1;
        }
        return { done, failed: false, error: undefined };
      } catch (error) {
        return { done, failed: true, error };
      }
    }));
  }

  /** The same object for all of the open transaction, and for no other. @throws Error outside of a transaction */
  get transactionKey(): object {
    return this.requireTransaction('transactionKey').key;
  }

  /** Whether `rehearse` can run something here: not among works that take turns, nor in what is rehearsed itself. */
  get isRehearsable(): boolean {
    const open = this.slot.get();
    return open === undefined || isRehearsable(open);
  }

  /**
   * Runs the work and takes back whatever it did, hooks and announcements included. Inside of an open transaction it sees
   * all that was done there, and statements of others in it wait; elsewhere it sees one snapshot and can only read.
   * @param limitMs how long it may take; then it is given up, and none of its statements is let through any more
   * @throws NotRehearsed when that cannot be done here; DeadlineExceeded; TransactionRolledBack when a failed step was passed
   *   over; what the work throws
   */
  async rehearse<T>(work: () => Promise<T>, limitMs: number): Promise<T> {
    const open = this.slot.get();
    const enter: Enter = (view, callback) => this.slot.with(view, callback);
    if (open) return rehearseWithin(open, { work, limitMs, names: this.names, enter });
    return this.tracked((async () => rehearseApart(await this.begin(), { work, limitMs, names: this.names, enter }))());
  }

  /**
   * Runs the hook as the last thing inside of the open transaction, once for all that ask under the same key.
   * @throws Error outside of a transaction
   */
  beforeCommit(key: string, hook: () => Promise<void>): void {
    this.requireTransaction('beforeCommit').beforeCommit(key, hook);
  }

  /**
   * Runs the hook when the open transaction has committed, never otherwise. Its errors are logged, not thrown.
   * @throws Error outside of a transaction
   */
  afterCommit(hook: () => void): void {
    this.requireTransaction('afterCommit').afterCommit(hook);
  }

  /**
   * Runs the hook when nothing else is left to be done before the open transaction commits, not even by other hooks.
   * There is one; it may still send statements.
   * @throws Error outside of a transaction
   */
  atCommit(hook: () => Promise<void>): void {
    this.requireTransaction('atCommit').transaction.atCommit(hook);
  }

  /** Lets what is running end, then closes the pool. */
  async close(): Promise<void> {
    await this.witness?.stop();
    await Promise.allSettled(this.underWay);
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async ownTransaction<T>(work: () => Promise<T>): Promise<T> {
    const { watching } = this;
    if (watching) await watching.beforeTransaction();
    const transaction = await this.begin();
    const result = await this.slot.with(transaction, async () => {
      try {
        watching?.transactionBegan();
        const value = await work();
        await transaction.runLastThings();
        return value;
      } catch (error) {
        await transaction.rollBack();
        throw translate(this.context, error);
      }
    });
    await transaction.commit();
    transaction.runAfterwards();
    return result;
  }

  private async begin(): Promise<OpenTransaction> {
    try {
      return await OpenTransaction.begin(this.context, this.dataSource, this.names);
    } catch (error) {
      throw translate(this.context, error);
    }
  }

  /** A statement whose plan a migration has made stale did nothing, so it is sent again under a new name. */
  private async queryByItself<Row>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    try {
      return await this.queryOnce(sql, params);
    } catch (error) {
      if (!isStalePlan(error)) throw error;
      return this.queryOnce(sql, params);
    }
  }

  private async queryOnce<Row>(sql: string, params: readonly unknown[]): Promise<Row[]> {
    checkDeadline(`a statement of ${this.context} was sent`);
    const lease = await takeConnection(this.dataSource);
    try {
      const answer = send(lease, this.names, sql, params);
      noteWork(statementSpan, sql, answer);
      const { rows } = await beforeDeadline(answer, STATEMENT_TIMEOUT_MS, () => {
        answer.catch(() => undefined);
        cut(lease);
      });
      return rows;
    } catch (error) {
      throw isConnectionLoss(error) && !READS_ONLY.test(sql) ? unknownOutcome(this.context, error) : error;
    } finally {
      giveBack(lease);
    }
  }

  private async tracked<T>(running: Promise<T>): Promise<T> {
    this.underWay.add(running);
    try {
      return await running;
    } finally {
      this.underWay.delete(running);
    }
  }

  private requireTransaction(wanted: string): TransactionView {
    const open = this.slot.get();
    if (!open) throw new Error(`${wanted}() belongs inside of database.transaction(): there is no transaction of ${this.context} here.`);
    return open;
  }
}
