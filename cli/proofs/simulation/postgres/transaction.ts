import type { Row } from './table.js';
import type { TransactionIds } from './transaction-ids.js';

/** A transaction of the simulated server. All locks it takes are held until it ends. */
export class Transaction {
  /** The transaction that this one's statement waits for. */
  waitsFor: Transaction | undefined;
  hasEnded = false;
  private ownId: number | undefined;
  private readonly rows = new Set<Row>();
  private readonly advisory = new Set<string>();
  private readonly waiting: (() => void)[] = [];

  /** @param startedAt what now() says in it */
  constructor(
    readonly name: string, readonly startedAt: number, private readonly advisoryLocks: Map<string, Transaction>, private readonly ids: TransactionIds,
  ) {}

  /** Its id, if it has one. */
  get id(): number | undefined {
    return this.ownId;
  }

  /** Its id; it gets one with its first write or lock of a row. */
  assignId(): number {
    this.ownId ??= this.ids.assign();
    return this.ownId;
  }

  hold(row: Row): void {
    this.assignId();
    row.holder = this;
    this.rows.add(row);
  }

  holdAdvisory(key: string): void {
    this.advisoryLocks.set(key, this);
    this.advisory.add(key);
  }

  get hasWritten(): boolean {
    for (const row of this.rows) if (row.pending) return true;
    return false;
  }

  /** Would waiting for the other one never end? */
  wouldDeadlock(other: Transaction): boolean {
    for (let it: Transaction | undefined = other; it; it = it.waitsFor) if (it === this) return true;
    return false;
  }

  onEnd(wake: () => void): void {
    this.waiting.push(wake);
  }

  /** Commits under that number, or rolls back without one; whoever waits goes on. */
  end(commit: number | undefined): void {
    this.hasEnded = true;
    if (this.ownId !== undefined) this.ids.end(this.ownId);
    for (const row of this.rows) row.settle(commit);
    for (const key of this.advisory) this.advisoryLocks.delete(key);
    this.rows.clear();
    this.advisory.clear();
    for (const wake of this.waiting.splice(0)) wake();
  }
}
