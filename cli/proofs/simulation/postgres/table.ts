import type { Transaction } from './transaction.js';

/** A row's columns, never changed in place: an update stores another object. */
export type Values = Readonly<Record<string, unknown>>;

interface Version {
  readonly commit: number;
  /** Undefined: deleted. */
  readonly values: Values | undefined;
}

/** A row through time: its committed versions, and what the transaction that holds its lock has made of it. */
export class Row {
  readonly versions: Version[] = [];
  /** Who has locked it, to write or just to hold. */
  holder: Transaction | undefined;
  /** What the holder has written; undefined when it has only locked it. */
  pending: { readonly values: Values | undefined } | undefined;

  constructor(readonly table: Table, readonly key: string) {}

  get committed(): Values | undefined {
    return this.versions.at(-1)?.values;
  }

  /** As a statement sees it: the transaction's own changes, else what was committed when the statement began. */
  visibleTo(transaction: Transaction, snapshot: number): Values | undefined {
    if (this.holder === transaction && this.pending) return this.pending.values;
    return this.versions.findLast((it) => it.commit <= snapshot)?.values;
  }

  /** As it is now, for whoever holds the lock. */
  latestFor(transaction: Transaction): Values | undefined {
    return this.holder === transaction && this.pending ? this.pending.values : this.committed;
  }

  settle(commit: number | undefined): void {
    if (this.pending && commit !== undefined) this.versions.push({ commit, values: this.pending.values });
    this.pending = undefined;
    this.holder = undefined;
    if (this.versions.length === 0) this.table.forget(this);
  }
}

/** A table of one schema: rows by primary key, in the order in which they were first inserted. */
export class Table {
  private readonly rows = new Map<string, Row>();
  private lastIdentity = 0;

  constructor(readonly name: string) {}

  /** The next value of its identity column; given out whether or not the transaction commits. */
  nextIdentity(): number {
    this.lastIdentity += 1;
    return this.lastIdentity;
  }

  get lastIdentityValue(): number | null {
    return this.lastIdentity === 0 ? null : this.lastIdentity;
  }

  find(key: string): Row | undefined {
    return this.rows.get(key);
  }

  all(): Iterable<Row> {
    return this.rows.values();
  }

  add(key: string): Row {
    const row = new Row(this, key);
    this.rows.set(key, row);
    return row;
  }

  forget(row: Row): void {
    this.rows.delete(row.key);
  }

  /** What is committed, for those who look at the database from outside. */
  committed(): Values[] {
    return [...this.rows.values()].flatMap(({ committed }) => (committed ? [committed] : []));
  }
}

export function keyOf(...parts: readonly unknown[]): string {
  return parts.length === 1 ? String(parts[0]) : JSON.stringify(parts);
}
