import { EPOCH } from '../engine/globals.js';
import type { Schedule } from '../engine/schedule.js';
import { type Answer, Backend, type Message } from './backend.js';
import type { Book } from './book.js';
import type { Statement } from './statement.js';
import { Table, type Values, keyOf } from './table.js';
import { Transaction } from './transaction.js';
import { TransactionIds } from './transaction-ids.js';

/** What happens on the server, in order, for those who want to play it to a real one. */
export type Traced =
  | { readonly is: 'sent'; readonly session: string; readonly schema: string; readonly twin: string; readonly message: Message; readonly at: number; readonly began: number; readonly snapshot: string }
  /** The statement under way asks for its transaction's id. */
  | { readonly is: 'identified'; readonly session: string; readonly id: number }
  | { readonly is: 'waits' | 'cancelled'; readonly session: string }
  | { readonly is: 'answered'; readonly session: string; readonly rows: readonly object[]; readonly error: string | undefined; readonly command: string }
  | { readonly is: 'closed'; readonly session: string };

/**
 * A PostgreSQL in memory that knows the product's own statements. Rows have versions, transactions are READ COMMITTED,
 * row locks, advisory locks and unique keys make others wait, waits in a circle are a deadlock. What is committed stays
 * when it crashes, all else is gone.
 */
export class SimulatedServer {
  trace: ((entry: Traced) => void) | undefined;
  private readonly schemas = new Map<string, Map<string, Table>>();
  private readonly backends = new Set<Backend>();
  private readonly ids = new TransactionIds();
  private readonly advisoryLocks = new Map<string, Transaction>();
  private commits = 0;
  private upAgainAt = 0;

  /** @param clockOffsetMs how far its clock is from the calendar */
  constructor(readonly schedule: Schedule, readonly book: Book, private readonly clockOffsetMs: number) {}

  get isUp(): boolean {
    return this.schedule.now >= this.upAgainAt;
  }

  /** Milliseconds since 1970, with microseconds. */
  clock(): number {
    return EPOCH + this.schedule.now + this.clockOffsetMs;
  }

  table(schema: string, name: string): Table {
    const tables = this.schemas.get(schema) ?? new Map<string, Table>();
    this.schemas.set(schema, tables);
    const table = tables.get(name) ?? new Table(name);
    tables.set(name, table);
    return table;
  }

  connect(name: string, schema: string, answer: (answer: Answer) => void, hungUp: () => void): Backend {
    const backend = new Backend(name, schema, this, answer, hungUp);
    this.backends.add(backend);
    return backend;
  }

  /** A row that the migrations make. */
  seed(schema: string, table: string, key: unknown, values: Values): void {
    const transaction = this.newTransaction('migration');
    const row = this.table(schema, table).add(keyOf(key));
    transaction.hold(row);
    row.pending = { values };
    this.end(transaction, true);
  }

  /** Every table, with what is committed in it. */
  *contents(): Generator<{ readonly schema: string; readonly table: string; readonly rows: readonly Values[] }> {
    for (const [schema, tables] of this.schemas) for (const table of tables.values()) yield { schema, table: table.name, rows: table.committed() };
  }

  /** An immediate stop: every session ends, and there is nobody to connect to for a while. */
  crash(downMs: number): void {
    this.upAgainAt = this.schedule.now + downMs;
    for (const backend of this.backends) backend.close();
  }

  newTransaction(name: string): Transaction {
    return new Transaction(name, this.clock(), this.advisoryLocks, this.ids);
  }

  end(transaction: Transaction, commits: boolean): void {
    if (commits) this.commits += 1;
    transaction.end(commits ? this.commits : undefined);
  }

  /** What a statement of that transaction would see as running now. */
  snapshotFor(transaction: Transaction | undefined): string {
    return this.ids.snapshot(transaction?.id);
  }

  forget(backend: Backend): void {
    this.backends.delete(backend);
  }

  placeOf(schema: string, transaction: Transaction): ConstructorParameters<typeof Statement>[0] {
    return {
      schema, transaction, advisoryLocks: this.advisoryLocks, snapshot: this.commits, running: this.ids.snapshot(transaction.id), startedAt: this.clock(),
      identified: (id) => this.trace?.({ is: 'identified', session: transaction.name, id }), clock: () => this.clock(), table: (name) => this.table(schema, name),
    };
  }
}
