import type { QueryResult } from 'pg';
import type { EntityManager } from 'typeorm';
import { DeadlineExceeded } from '../contract/index.js';
import { noteWork } from '../observability/index.js';
import { wallClock } from '../runtime/index.js';
import { adoptingManager } from './adopting-manager.js';
import { TransactionRolledBack } from './errors.js';
import { type Lease, STATEMENT_TIMEOUT_MS, gather, send } from './lease.js';
import { OpenTransaction } from './open-transaction.js';
import { statementSpan } from './statement-span.js';
import type { StatementNames } from './statement-names.js';
import { sqlState } from './translate.js';
import type { TransactionView } from './turn.js';

/** Nothing could be rehearsed here, and nothing was run. */
export class NotRehearsed extends Error {}

/** Runs the callback where the view stands for the open transaction. */
export type Enter = <T>(view: TransactionView, callback: () => Promise<T>) => Promise<T>;

interface Rehearsed<T> {
  readonly work: () => Promise<T>;
  readonly limitMs: number;
  readonly names: StatementNames;
  readonly enter: Enter;
}

const ENDS_TRANSACTIONS = /(?:^|;)(?:\s|--[^\n]*\n|\/\*[^]*?\*\/)*(?:commit|end|abort|begin|start\s+transaction|prepare\s+transaction|rollback(?!\s+(?:work\s+|transaction\s+)?to\b))\b/i;

export function isRehearsable(open: TransactionView): open is OpenTransaction {
  return open instanceof OpenTransaction && open.isOpen && !open.isRehearsing;
}

/** Under a savepoint of the transaction that is open. @throws NotRehearsed, and what `Database.rehearse` says */
export async function rehearseWithin<T>(open: TransactionView, { work, limitMs, names, enter }: Rehearsed<T>): Promise<T> {
  if (!isRehearsable(open)) throw new NotRehearsed('The work takes turns with others of its transaction, or the transaction is over, or something is being rehearsed in it.');
  let rehearsal: Rehearsal | undefined;
  try {
    return await open.takenBack((lease) => {
      rehearsal = new Rehearsal(open, lease, names, limitMs);
      return rehearsal.run(enter, work);
    });
  } catch (error) {
    if (rehearsal) throw error;
    throw Object.assign(new NotRehearsed('The transaction has failed already.'), { cause: error });
  }
}

/** In a transaction of its own that cannot write, on one snapshot. It is rolled back in any case. */
export async function rehearseApart<T>(transaction: OpenTransaction, parts: Rehearsed<T>): Promise<T> {
  try {
    await transaction.query('set transaction isolation level repeatable read, read only', []);
    return await rehearseWithin(transaction, parts);
  } finally {
    await transaction.rollBack();
  }
}

/**
 * What rehearsed work sees of the transaction. Its statements go one by one, each with the time that is left as its
 * limit, so that together they cannot take longer; PostgreSQL keeps to it also where they wait for a lock. Its hooks and
 * its key are its own and are forgotten with it. It says that a transaction is open even when it is over: work that was
 * given up and goes on all the same must not take itself for free.
 */
class Rehearsal implements TransactionView {
  readonly isOpen = true;
  readonly key = this;
  private readonly endsAt: number;
  private isOver = false;
  /** Why the whole could only be rolled back, if it were not anyhow. */
  private failed: unknown;
  /** What the first failed statement said. */
  private swallowed: unknown;
  private last: Promise<unknown> = Promise.resolve();
  private orm: EntityManager | undefined;
  private readonly lastThings = new Map<string, () => Promise<void>>();

  constructor(private readonly open: OpenTransaction, private readonly lease: () => Lease, private readonly names: StatementNames, limitMs: number) {
    this.endsAt = wallClock.ticks() + limitMs;
  }

  get transaction(): OpenTransaction {
    throw new NotRehearsed('inTurns() cannot be rehearsed: what takes turns would not be held back.');
  }

  get manager(): EntityManager {
    this.orm ??= adoptingManager(this.open.dataSource, (sql, params) => this.oneByOne(sql, (lease) => lease.query(sql, params)));
    return this.orm;
  }

  query(sql: string, params: readonly unknown[]): Promise<QueryResult> {
    return this.oneByOne(sql, (lease) => send(lease, this.names, sql, params));
  }

  post(sql: string, params: readonly unknown[]): void {
    this.query(sql, params).catch((error: unknown) => { this.failed ??= error; });
  }

  async join<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.failed ??= error;
      throw error;
    }
  }

  beforeCommit(key: string, hook: () => Promise<void>): void {
    if (!this.lastThings.has(key)) this.lastThings.set(key, hook);
  }

  /** There will be no commit. */
  afterCommit(): void {}

  /** @throws DeadlineExceeded, TransactionRolledBack, what the work throws */
  async run<T>(enter: Enter, work: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, fail) => {
      timer = setTimeout(() => fail(this.timeIsUp()), this.leftMs());
    });
    const whole = enter(this, () => this.asIfCommitted(work));
    try {
      return await Promise.race([whole, tooLate]);
    } catch (error) {
      throw sqlState(error) === '57014' ? this.timeIsUp() : error;
    } finally {
      clearTimeout(timer);
      whole.catch(() => undefined);
      this.isOver = true;
      await this.last; // PostgreSQL bounds it
    }
  }

  private async asIfCommitted<T>(work: () => Promise<T>): Promise<T> {
    const value = await work();
    for (const [key, hook] of this.lastThings) {
      this.lastThings.delete(key);
      await hook();
    }
    await this.last;
    if (this.swallowed !== undefined) await this.query('select 1', []).catch(() => { this.failed ??= this.swallowed; }); // a savepoint may have mended it
    if (this.failed === undefined) return value;
    throw Object.assign(new TransactionRolledBack('A step of the rehearsal failed and its error was caught: PostgreSQL would have rolled everything back.'), { cause: this.failed });
  }

  private oneByOne(sql: string, statement: (lease: Lease) => Promise<QueryResult>): Promise<QueryResult> {
    const answer = this.last.then(() => {
      this.requireTime(sql);
      const lease = this.lease();
      gather(lease);
      lease.query(`set local statement_timeout = ${Math.min(STATEMENT_TIMEOUT_MS, Math.ceil(this.leftMs()))}`).catch(() => undefined);
      return statement(lease);
    });
    this.last = answer.catch((error: unknown) => { this.swallowed ??= error; });
    noteWork(statementSpan, sql, answer);
    return answer;
  }

  private requireTime(sql: string): void {
    if (this.isOver) throw new Error('This work was only rehearsed, and that is over: its statements are not sent any more.');
    if (this.leftMs() <= 0) throw this.timeIsUp();
    if (ENDS_TRANSACTIONS.test(sql)) throw new Error('What is rehearsed cannot begin or end transactions: use database.transaction().');
  }

  private leftMs(): number {
    return this.endsAt - wallClock.ticks();
  }

  private timeIsUp(): Error {
    return new DeadlineExceeded('The rehearsal took longer than it may.');
  }
}
