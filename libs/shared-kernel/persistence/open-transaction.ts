import { setImmediate } from 'node:timers/promises';
import type { QueryResult } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';
import { BanyanError } from '../contract/index.js';
import { logger, noteWork } from '../observability/index.js';
import { checkDeadline, remainingMs } from '../runtime/index.js';
import { adoptingManager } from './adopting-manager.js';
import { TransactionRolledBack } from './errors.js';
import { type Lease, STATEMENT_TIMEOUT_MS, gather, giveBack, send, takeConnection } from './lease.js';
import { statementSpan } from './statement-span.js';
import type { StatementNames } from './statement-names.js';
import type { Turn } from './turn.js';
import { databaseAway, isConnectionLoss, translate, unknownOutcome } from './translate.js';

const MOST_HOOK_RUNS = 1_000;
const log = logger('persistence');

/**
 * One transaction (READ COMMITTED) on one connection, from BEGIN to the verified COMMIT.
 *
 * It owns the connection until it is over. Statements are sent in the order in which they are asked for, without
 * waiting for the answers to those before (the server runs them one after the other all the same), BEGIN together
 * with the first one. None is let through once the end has begun, so nothing can slip onto a connection that others
 * use by then. When this process dies, or the connection does, PostgreSQL rolls back.
 */
export class OpenTransaction {
  /** For what looks at a transaction through a `Turn` or directly. */
  readonly transaction = this;
  readonly key = this;
  private isOver = false;
  /** Of BEGIN; undefined before the first statement. */
  private opening: Promise<void> | undefined;
  private isAnswered = false;
  /** What a joined work threw. */
  private failed: unknown;
  /** What the first failed statement said; it matters only when PostgreSQL answers COMMIT with ROLLBACK. */
  private swallowed: unknown;
  private swallowedPost = false;
  private lost = false;
  private orm: EntityManager | undefined;
  /** Whose statements are being sent, of the works that take turns. */
  turn: Turn | undefined;
  /** Until it is over, statements of everybody else wait. */
  private rehearsal: Promise<void> | undefined;
  private readonly lastThings = new Map<string, () => Promise<void>>();
  private finale: (() => Promise<void>) | undefined;
  private readonly afterwards: Array<() => void> = [];

  private constructor(private readonly context: string, readonly dataSource: DataSource, private lease: Lease, private readonly names: StatementNames) {
    lease.once('error', this.noteLoss);
  }

  static async begin(context: string, dataSource: DataSource, names: StatementNames): Promise<OpenTransaction> {
    return new OpenTransaction(context, dataSource, await takeConnection(dataSource), names);
  }

  get isOpen(): boolean {
    return !this.isOver;
  }

  get manager(): EntityManager {
    this.requireOpen();
    this.orm ??= adoptingManager(this.dataSource, (...statement) => {
      this.turn = undefined;
      return this.sendUnnamed(...statement);
    });
    return this.orm;
  }

  /** A statement as TypeORM has put it together: its text is most likely another one each time. */
  sendUnnamed(...statement: [sql: string, params?: unknown[]]): Promise<QueryResult> {
    const answer = this.inOrder(() => {
      gather(this.lease);
      return this.lease.query(...statement);
    });
    noteWork(statementSpan, statement[0], answer);
    return answer;
  }

  query(sql: string, params: readonly unknown[]): Promise<QueryResult> {
    checkDeadline(`a statement of ${this.context} was sent`);
    const answer = this.inOrder(() => send(this.lease, this.names, sql, params));
    noteWork(statementSpan, sql, answer);
    return answer;
  }

  post(sql: string, params: readonly unknown[]): void {
    this.query(sql, params).catch((error: unknown) => { this.swallowedPost ||= this.swallowed === error; });
  }

  /** Work inside of work: it shares this transaction, and when it fails, the whole of it can only be rolled back. */
  async join<T>(work: () => Promise<T>): Promise<T> {
    this.requireOpen();
    try {
      return await work();
    } catch (error) {
      throw this.refuse(error);
    }
  }

  get isRehearsing(): boolean {
    return this.rehearsal !== undefined;
  }

  /**
   * Lets the work alone send statements, under a savepoint, and takes them back. Statements of others wait meanwhile:
   * they would be taken back too. So does the end of the transaction.
   * @throws what the work throws; what PostgreSQL says when there can be no savepoint, or it cannot be returned to
   */
  async takenBack<T>(work: (lease: () => Lease) => Promise<T>): Promise<T> {
    const marked = this.inOrder(() => this.lease.query('savepoint rehearsal'));
    const { promise: over, resolve } = Promise.withResolvers<void>();
    this.rehearsal = over;
    try {
      await marked;
      return await work(() => this.lease).finally(() => this.returnToMark());
    } finally {
      resolve();
      void over.finally(() => { this.rehearsal = undefined; }); // after those who wait, so that nobody overtakes them
    }
  }

  private async returnToMark(): Promise<void> {
    gather(this.lease);
    await this.lease.query('rollback to savepoint rehearsal; release savepoint rehearsal').catch((error: unknown) => { throw this.refuse(error); });
  }

  /** Notes why the transaction can only be rolled back. */
  refuse<E>(why: E): E {
    this.failed ??= why;
    return why;
  }

  beforeCommit(key: string, hook: () => Promise<void>): void {
    this.requireOpen();
    if (!this.lastThings.has(key)) this.lastThings.set(key, hook);
  }

  atCommit(hook: () => Promise<void>): void {
    this.requireOpen();
    this.finale = hook;
  }

  afterCommit(hook: () => void): void {
    this.requireOpen();
    this.afterwards.push(hook);
  }

  /** A hook may ask for hooks, also for its own key again: what it added after it ran must not be lost. */
  async runLastThings(): Promise<void> {
    for (let runs = 0; ; runs += 1) {
      const [next] = this.lastThings;
      if (!next) return this.finale?.();
      if (runs === MOST_HOOK_RUNS) throw new Error(`The beforeCommit hooks of ${this.context} go on asking for each other; the last one was "${next[0]}".`);
      this.lastThings.delete(next[0]);
      await next[1]();
    }
  }

  /**
   * @throws TransactionRolledBack when a step had failed; MaybeExecuted when the connection was lost over the COMMIT;
   *   DatabaseAway when it was lost before; what a deferred constraint or a posted statement says
   */
  async commit(): Promise<void> {
    if (this.failed !== undefined || this.lost) {
      await this.rollBack();
      throw this.lost ? databaseAway(this.context) : this.rolledBack();
    }
    const answer = await this.end('COMMIT').catch((error: unknown) => {
      throw isConnectionLoss(error) ? unknownOutcome(this.context, error) : translate(this.context, error);
    });
    if (answer === 'COMMIT') return;
    await setImmediate(); // what failed was answered before the COMMIT was, but may not have been noted yet
    throw this.rolledBack();
  }

  /** Never throws: a connection that cannot roll back is closed, which does the same. */
  async rollBack(): Promise<void> {
    await this.end('ROLLBACK').catch(() => undefined);
  }

  /** To be called after a commit, outside of the transaction's request-local state. */
  runAfterwards(): void {
    for (const hook of this.afterwards) {
      try {
        hook();
      } catch (error) {
        log.error({ err: error, context: this.context }, 'A hook after a commit failed; what was committed stays.');
      }
    }
  }

  /** @returns what PostgreSQL did; a transaction without a statement was never begun and needs nothing */
  private async end(command: 'COMMIT' | 'ROLLBACK'): Promise<string> {
    if (this.rehearsal) await this.rehearsal; // behind the statements that wait for it
    this.isOver = true;
    try {
      if (!this.opening) return command;
      if (!this.isAnswered) await this.opening;
      gather(this.lease);
      const answer = this.lease.query(command);
      noteWork(statementSpan, command, answer);
      return (await answer).command;
    } finally {
      this.lease.removeListener('error', this.noteLoss);
      giveBack(this.lease);
    }
  }

  private inOrder<T>(statement: () => Promise<T>): Promise<T> {
    this.requireOpen();
    return this.rehearsal ? this.rehearsal.then(() => this.sendInOrder(statement)) : this.sendInOrder(statement);
  }

  private sendInOrder<T>(statement: () => Promise<T>): Promise<T> {
    this.requireOpen();
    const answer = this.isAnswered ? statement() : this.opening ? this.opening.then(statement) : this.openWith(statement);
    answer.catch((error: unknown) => {
      this.swallowed ??= error;
      this.lost ||= isConnectionLoss(error);
    });
    return answer;
  }

  /**
   * Sends BEGIN and the first statement in one write. A pooled connection may have died unnoticed; as nothing can have
   * been committed, both are then sent once more on another one.
   */
  private async openWith<T>(statement: () => Promise<T>): Promise<T> {
    const send = () => {
      const begun = this.sendBegin();
      const answer = statement();
      answer.catch(() => undefined);
      return begun.then(() => ({ answer }));
    };
    const opened = send().catch(async (error: unknown) => {
      if (!isConnectionLoss(error)) throw error;
      await this.changeConnection();
      return send();
    });
    this.opening = this.whenAnswered(opened);
    this.opening.catch(() => undefined);
    return (await opened).answer;
  }

  private async whenAnswered(opened: Promise<unknown>): Promise<void> {
    await opened;
    this.isAnswered = true;
  }

  /** The deadline goes along with BEGIN as the limit of every statement, where it is nearer than the role's. */
  private sendBegin(): Promise<QueryResult> {
    const left = remainingMs();
    gather(this.lease);
    return this.lease.query(left < STATEMENT_TIMEOUT_MS ? `begin; set local statement_timeout = ${Math.max(1, Math.ceil(left))}` : 'begin');
  }

  private async changeConnection(): Promise<void> {
    const next = await takeConnection(this.dataSource);
    this.lease.removeListener('error', this.noteLoss);
    giveBack(this.lease);
    this.lease = next;
    this.lost = false;
    next.once('error', this.noteLoss);
  }

  private readonly noteLoss = (): void => { this.lost = true; };

  private rolledBack(): unknown {
    const cause = translate(this.context, this.failed ?? this.swallowed);
    if (this.swallowedPost || (cause instanceof BanyanError && cause.definition.retryable)) return cause;
    const error = new TransactionRolledBack(`A step of a transaction of ${this.context} failed and its error was caught, so that PostgreSQL rolled everything back instead of committing it.`, { context: this.context });
    error.cause = cause;
    return error;
  }

  private requireOpen(): void {
    if (!this.isOver) return;
    throw new Error(`The transaction of ${this.context} that this code was started in is over. Something in it was not awaited: await every promise before the work of a transaction ends, or start what shall go on in afterCommit().`);
  }
}
