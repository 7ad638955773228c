import type { QueryResult } from 'pg';
import type { EntityManager } from 'typeorm';
import { adoptingManager } from './adopting-manager.js';
import type { OpenTransaction } from './open-transaction.js';

/** One of several works ran out of turn: their statements would have mixed. See `Database.inTurns`. */
export class TurnsMixed extends Error {}

/** What a piece of work sees of the transaction it runs in. */
export type TransactionView = Pick<OpenTransaction, 'isOpen' | 'manager' | 'query' | 'post' | 'join' | 'beforeCommit' | 'afterCommit'> & {
  readonly transaction: OpenTransaction;
  /** What stands for the transaction where something is kept per transaction. */
  readonly key: object;
};

/**
 * One of several works that share an open transaction and run at the same time. The statements of each must come one
 * right after the other, for then the transaction saw the works one after the other, in the order of their first
 * statements. A work that asks for one more after another has begun is refused, and the transaction can only be
 * rolled back: row locks do not hold within a transaction, so nothing would keep two such works from overwriting what
 * the other has just read.
 */
export class Turn implements TransactionView {
  private hasBegun = false;
  private orm: EntityManager | undefined;

  constructor(readonly transaction: OpenTransaction) {}

  get isOpen(): boolean {
    return this.transaction.isOpen;
  }

  get key(): object {
    return this.transaction;
  }

  get manager(): EntityManager {
    this.orm ??= adoptingManager(this.transaction.dataSource, (...statement) => {
      this.take();
      return this.transaction.sendUnnamed(...statement);
    });
    return this.orm;
  }

  query(sql: string, params: readonly unknown[]): Promise<QueryResult> {
    this.take();
    return this.transaction.query(sql, params);
  }

  post(sql: string, params: readonly unknown[]): void {
    this.take();
    this.transaction.post(sql, params);
  }

  join<T>(work: () => Promise<T>): Promise<T> {
    return this.transaction.join(work);
  }

  beforeCommit(key: string, hook: () => Promise<void>): void {
    this.transaction.beforeCommit(key, hook);
  }

  afterCommit(hook: () => void): void {
    this.transaction.afterCommit(hook);
  }

  /** @throws TurnsMixed */
  private take(): void {
    if (this.transaction.turn === this) return;
    if (this.hasBegun) throw this.transaction.refuse(new TurnsMixed('Another work of the same transaction has sent a statement in between.'));
    this.hasBegun = true;
    this.transaction.turn = this;
  }
}
