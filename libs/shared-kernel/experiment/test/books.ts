import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { defineContext } from '../../context/index.js';
import { defineContract, defineError, event } from '../../contract/index.js';
import { Database } from '../../persistence/index.js';
import { Ids } from '../../runtime/index.js';
import { experiment } from '../index.js';

const NoSuchAccount = defineError({ code: 'no-such-account', http: 404, grpc: 'NOT_FOUND', retryable: false, help: 'Name another account.' });

export const booked = event('books.booked', {
  version: 1, aggregateType: 'account', aggregateId: ({ account }) => account, payload: z.strictObject({ account: z.string(), by: z.string() }),
});

export interface Entry {
  readonly account: string;
  readonly amount: number;
}

/** The port. */
export abstract class Ledger {
  /** @returns the booking's id */
  abstract book(entry: Entry): Promise<string>;
  abstract balance(account: string): Promise<number>;
  abstract historyOf(account: string): Promise<readonly number[]>;
}

/** Keeps a balance per account beside its entries. */
@Injectable()
export class TabularLedger implements Ledger {
  constructor(@Inject(Database) private readonly database: Database, private readonly ids: Ids) {}

  async book({ account, amount }: Entry): Promise<string> {
    const id = this.ids.next('booking');
    if (account === 'nowhere') throw new NoSuchAccount('There is no account "nowhere".');
    await this.database.query('INSERT INTO entry (id, account, amount) VALUES ($1, $2, $3)', [id, account, amount]);
    await this.database.query('INSERT INTO balance VALUES ($1, $2) ON CONFLICT (account) DO UPDATE SET amount = balance.amount + $2', [account, amount]);
    return id;
  }

  async balance(account: string): Promise<number> {
    const [row] = await this.database.query<{ amount: number }>('SELECT amount FROM balance WHERE account = $1', [account]);
    return row?.amount ?? 0;
  }

  async historyOf(account: string): Promise<readonly number[]> {
    const rows = await this.database.query<{ amount: number }>('SELECT amount FROM entry WHERE account = $1 ORDER BY number', [account]);
    return rows.map((it) => it.amount);
  }
}

/** Adds entries up when asked. */
@Injectable()
export class SummingLedger implements Ledger {
  constructor(@Inject(Database) private readonly database: Database, private readonly ids: Ids) {}

  async book({ account, amount }: Entry): Promise<string> {
    const id = this.ids.next('booking');
    if (account === 'nowhere') throw new NoSuchAccount('There is no account "nowhere".');
    await this.database.query('INSERT INTO entry (id, account, amount) VALUES ($1, $2, $3)', [id, account, amount]);
    return id;
  }

  async balance(account: string): Promise<number> {
    const [row] = await this.database.query<{ amount: number }>('SELECT coalesce(sum(amount), 0)::bigint AS amount FROM entry WHERE account = $1', [account]);
    return row?.amount ?? 0;
  }

  async historyOf(account: string): Promise<readonly number[]> {
    const rows = await this.database.query<{ amount: number }>('SELECT amount FROM entry WHERE account = $1 ORDER BY number', [account]);
    return rows.map((it) => it.amount);
  }
}

const comparedLedger = experiment(Ledger, {
  name: 'ledger',
  control: TabularLedger,
  candidate: SummingLedger,
  reads: ['balance', 'historyOf'],
  writes: { book: (ledger, { account }) => ledger.historyOf(account) },
  percent: 100,
  waitMs: 50,
  budget: 0.1,
});

const booksContract = defineContract({ name: 'books', commands: {}, queries: {}, events: { booked } });

export const books = defineContext({
  name: 'books', owner: 'team-money', contract: booksContract, calls: [], listensTo: [], entities: [], handlers: [], sagas: [], controllers: [],
  migrations: [{
    name: '0001-initial',
    sql: `CREATE TABLE entry (id uuid PRIMARY KEY, account text NOT NULL, amount bigint NOT NULL, number bigint GENERATED ALWAYS AS IDENTITY);
          CREATE TABLE balance (account text PRIMARY KEY, amount bigint NOT NULL);`,
  }],
  providers: [TabularLedger, SummingLedger, comparedLedger],
});
