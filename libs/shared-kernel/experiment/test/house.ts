import type { FactoryProvider } from '@nestjs/common';
import { defineContext } from '../../context/index.js';
import { Metrics, type ReadMetrics, readMetrics } from '../../observability/index.js';
import { type ContextUnderTest, contextUnderTest, eventually } from '../../testing/index.js';
import { Experiments, type ExperimentReport, type ExperimentSettings, experiment } from '../index.js';
import { Ledger, SummingLedger, TabularLedger, booked, books } from './books.js';

/** A candidate that does as the test says; where it says nothing, what the summing ledger does. */
export class MoodyLedger extends SummingLedger {
  mood: Partial<Ledger> = {};

  override book(...args: Parameters<Ledger['book']>): Promise<string> {
    return this.mood.book?.(...args) ?? super.book(...args);
  }

  override balance(account: string): Promise<number> {
    return this.mood.balance?.(account) ?? super.balance(account);
  }
}

/** The context with an experiment in which budget and time are no matter unless the test says so. */
export class House {
  private constructor(readonly context: ContextUnderTest) {}

  static async open(settings: Partial<ExperimentSettings<Ledger>> = {}): Promise<House> {
    const compared: FactoryProvider<Ledger> = experiment(Ledger, {
      name: 'ledger', control: TabularLedger, candidate: MoodyLedger,
      reads: ['balance'], writes: { book: (ledger, { account }) => ledger.historyOf(account) },
      waitMs: 2_000, timeoutMs: 10_000, budget: 1_000, ...settings,
    });
    return new House(await contextUnderTest(defineContext({ ...books, providers: [TabularLedger, MoodyLedger, compared] }), { poolSize: 12 }));
  }

  get ledger(): Ledger {
    return this.context.get(Ledger);
  }

  get candidate(): MoodyLedger {
    return this.context.get(MoodyLedger);
  }

  now(): ExperimentReport {
    return this.context.get(Experiments).report('ledger');
  }

  /** When no candidate reads any more. */
  async report(): Promise<ExperimentReport> {
    await this.context.get(Experiments).idle();
    return this.now();
  }

  /** What came of the comparisons that the work brought about, of all that came of any. */
  async outcomesOf(work: () => Promise<unknown>): Promise<Partial<ExperimentReport['outcomes']>> {
    const before = (await this.report()).outcomes;
    await work();
    const after = (await this.report()).outcomes;
    return Object.fromEntries(Object.entries(after).map(([key, n]) => [key, n - before[key as keyof typeof before]]).filter(([, n]) => n !== 0));
  }

  /** Books in a transaction of an input of its own, and announces it. */
  book(account: string, amount: number): Promise<string> {
    return this.context.input(() => this.bookHere(account, amount));
  }

  bookHere(account: string, amount: number): Promise<string> {
    return this.context.database.transaction(async () => {
      const id = await this.ledger.book({ account, amount });
      this.announce('control');
      return id;
    });
  }

  announce(by: string): void {
    this.context.host.contexts.find((it) => it.declaration.name === 'books')?.messaging.events.announce(booked({ account: 'any', by }));
  }

  balance(account: string): Promise<number> {
    return this.context.input(() => this.ledger.balance(account));
  }

  query<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.context.database.query<Row>(sql, params);
  }

  async metrics(): Promise<ReadMetrics> {
    return readMetrics(await this.context.app.get(Metrics).text());
  }

  /** Holds a lock while the work runs, on a connection of its own. */
  async whileHeld<T>(lock: string, work: () => Promise<T>): Promise<T> {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const { promise: held, resolve: hold } = Promise.withResolvers<void>();
    const holding = this.context.database.transaction(async () => {
      await this.query(lock);
      hold();
      await done;
    });
    await held;
    try {
      return await work();
    } finally {
      finish();
      await holding;
    }
  }

  /** Waits until somebody waits for a lock. */
  async someoneWaits(): Promise<void> {
    await eventually(async () => {
      const [row] = await this.query<{ n: number }>(`SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`);
      if (row?.n === 0) throw new Error('Nobody waits for a lock.');
    });
  }

  close(): Promise<void> {
    return this.context.close();
  }
}

export const never = (): Promise<never> => new Promise(() => undefined);
