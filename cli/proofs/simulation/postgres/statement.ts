import { SqlError, deadlock, uniqueViolation } from './sql-error.js';
import { type Row, Table, type Values, keyOf } from './table.js';
import type { Transaction } from './transaction.js';

/** A step of a statement that had to wait: the transaction that must end first. */
export type Waits<T> = Generator<Transaction, T, void>;

/** The row as it is now, locked for the statement's transaction. */
export interface Held {
  readonly row: Row;
  readonly values: Values;
}

interface Place {
  readonly schema: string;
  readonly transaction: Transaction;
  readonly advisoryLocks: Map<string, Transaction>;
  /** Commits up to this one are visible. */
  readonly snapshot: number;
  /** What was running then, as a pg_snapshot's text. */
  readonly running: string;
  readonly identified: (id: number) => void;
  /** When the statement arrived, and what the clock says now: milliseconds since 1970, with microseconds. */
  readonly startedAt: number;
  readonly clock: () => number;
  readonly table: (name: string) => Table;
}

/**
 * One statement under READ COMMITTED: it sees what was committed when it began and what its own transaction did; when it
 * wants to write a row that another transaction holds, it waits and then judges the newest version.
 */
export class Statement {
  constructor(private readonly place: Place) {}

  get schema(): string {
    return this.place.schema;
  }

  table(name: string): Table {
    return this.place.table(name);
  }

  /** now() */
  get now(): number {
    return this.place.transaction.startedAt;
  }

  /** statement_timestamp() */
  get startedAt(): number {
    return this.place.startedAt;
  }

  /** clock_timestamp() */
  get clock(): number {
    return this.place.clock();
  }

  /** pg_current_snapshot() */
  get running(): string {
    return this.place.running;
  }

  /** pg_current_xact_id() */
  transactionId(): number {
    const id = this.place.transaction.assignId();
    this.place.identified(id);
    return id;
  }

  /** The rows that it sees and that fit. */
  see(table: string, fits: (values: Values) => boolean = () => true): Held[] {
    const seen: Held[] = [];
    for (const row of this.table(table).all()) {
      const values = row.visibleTo(this.place.transaction, this.place.snapshot);
      if (values && fits(values)) seen.push({ row, values });
    }
    return seen;
  }

  /** The row with this primary key, if it sees one. */
  seeKey(table: string, ...key: readonly unknown[]): Held | undefined {
    const row = this.table(table).find(keyOf(...key));
    const values = row?.visibleTo(this.place.transaction, this.place.snapshot);
    return row && values && { row, values };
  }

  /** Locks a row that it has seen. Undefined when, after the wait for others, the row is gone or fits no more. */
  *lock({ row }: Held, fits: (values: Values) => boolean = () => true): Waits<Held | undefined> {
    yield* this.untilFree(row);
    const values = row.latestFor(this.place.transaction);
    if (!values || !fits(values)) return undefined;
    this.place.transaction.hold(row);
    return { row, values };
  }

  /** Locks the row with this primary key as it is now, seen or not: ON CONFLICT DO UPDATE. */
  *lockKey(table: string, ...key: readonly unknown[]): Waits<Held | undefined> {
    const row = this.table(table).find(keyOf(...key));
    return row && (yield* this.lock({ row, values: {} }));
  }

  /** FOR UPDATE SKIP LOCKED. */
  lockUnlessHeld({ row }: Held, fits: (values: Values) => boolean = () => true): Held | undefined {
    if (row.holder && row.holder !== this.place.transaction) return undefined;
    const values = row.latestFor(this.place.transaction);
    if (!values || !fits(values)) return undefined;
    this.place.transaction.hold(row);
    return { row, values };
  }

  /** Changes a row that it has locked, and answers how it is now. */
  change({ row, values }: Held, changes: Values): Values {
    const changed = { ...values, ...changes };
    row.pending = { values: changed };
    return changed;
  }

  remove({ row }: Held): void {
    row.pending = { values: undefined };
  }

  /** ON CONFLICT DO NOTHING: false when there is such a key, after the wait for whoever is inserting or deleting it. */
  *insertUnlessThere(table: string, key: readonly unknown[], values: Values): Waits<boolean> {
    const name = keyOf(...key);
    for (;;) {
      const row = this.table(table).find(name) ?? this.table(table).add(name);
      const other = row.holder !== this.place.transaction ? row.holder : undefined;
      if (other && (row.pending ? !row.pending.values || !row.committed : false)) {
        yield other;
        continue;
      }
      if (row.latestFor(this.place.transaction)) return false;
      this.place.transaction.hold(row);
      row.pending = { values };
      return true;
    }
  }

  /** @throws SqlError when there is such a key */
  *insert(table: string, key: readonly unknown[], values: Values): Waits<void> {
    if (!(yield* this.insertUnlessThere(table, key, values))) throw uniqueViolation(table);
  }

  /** pg_advisory_xact_lock() */
  *lockAdvisory(key: string): Waits<void> {
    const { advisoryLocks, transaction } = this.place;
    for (let holder = advisoryLocks.get(key); holder && holder !== transaction; holder = advisoryLocks.get(key)) yield holder;
    transaction.holdAdvisory(key);
  }

  /** pg_try_advisory_xact_lock() */
  tryAdvisory(key: string): boolean {
    const { advisoryLocks, transaction } = this.place;
    const holder = advisoryLocks.get(key);
    if (holder && holder !== transaction) return false;
    transaction.holdAdvisory(key);
    return true;
  }

  private *untilFree(row: Row): Waits<void> {
    while (row.holder && row.holder !== this.place.transaction) yield row.holder;
  }
}

/** Goes on with a statement until it waits or is done. @throws SqlError when waiting would never end */
export function advance<T>(running: Waits<T>, transaction: Transaction): IteratorResult<Transaction, T> {
  const step = running.next();
  if (step.done) return step;
  if (transaction.wouldDeadlock(step.value)) throw deadlock();
  if (step.value.hasEnded) throw new SqlError('XX000', 'The simulated server waits for a transaction that is over.');
  return step;
}
