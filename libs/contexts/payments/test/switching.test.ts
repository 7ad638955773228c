import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStore, eventStoreMigrations } from '@banyan/kernel/event-store';
import { Events } from '@banyan/kernel/messaging';
import { type Database, openDatabase, provisionContext } from '@banyan/kernel/persistence';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { Chance, type TestDatabase, newSeed, testDatabase } from '@banyan/kernel/testing';
import { EventLedger } from '../src/ledger/events/event-ledger.js';
import { paymentStream } from '../src/ledger/events/payment-stream.js';
import type { Ledger } from '../src/ledger/ledger.js';
import { TableLedger } from '../src/ledger/tables/table-ledger.js';
import { initial } from '../src/migrations/0001-initial.js';
import { ledgerAsStreams } from '../src/migrations/0002-ledger-as-streams.js';
import type { Payment } from '../src/payment.js';
import { PaymentBook } from '../src/payment-book.js';
import { PaymentRepository } from '../src/payment.repository.js';
import { type PaymentsUnderTest, key, paymentsUnderTest, pounds } from './payments-under-test.js';
import { Story } from './story.js';

const seed = newSeed();
const whole = { asOf: undefined, after: 0, limit: 1_000 };

let bench: PaymentsUnderTest;
let tables: TableLedger;
let events: EventLedger;
beforeAll(async () => {
  bench = await paymentsUnderTest({ ledger: 'tables' });
  tables = new TableLedger(bench.ctx.database);
  events = new EventLedger(bench.ctx.database, bench.ctx.get(EventStore));
});
afterAll(() => bench.ctx.close());

const bookWith = (ledger: Ledger) => new PaymentBook(bench.ctx.get(PaymentRepository), ledger, bench.ctx.get(Events), new Clock(), new Ids());
const find = async (id: string): Promise<Payment> => {
  const payment = await bench.ctx.get(PaymentRepository).find(id);
  if (!payment) throw new Error(`The payment ${id} is gone.`);
  return payment;
};

/** What both show of a payment, which must be all of it. */
async function shown(id: string) {
  const payment = await find(id);
  const [one, other] = [await events.history(payment, whole), await tables.history(payment, whole)];
  expect(one).toEqual(other);
  expect(one.map((it) => it.version)).toEqual(Array.from({ length: payment.version }, (_, i) => i + 1));
  return one;
}

describe(`two ledgers on one schema (SEED=${seed})`, () => {
  it('take over from each other within a payment, whoever writes next', async () => {
    for (let n = 0; n < 60; n += 1) {
      const chance = new Chance(`${seed}/turns/${n}`);
      const story = new Story(bench, seed, n, () => bookWith(chance.below(2) === 0 ? tables : events));
      const id = await story.begin();
      for (let i = 0; i < 8; i += 1) await story.goOn(id);
      await shown(id);
    }
    expect(await events.trialBalance()).toEqual(await tables.trialBalance());
  });

  it('take over from each other while both write to the same payments at once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, async (_, n) => {
      const writers = [tables, events, tables, events].map((ledger, i) => new Story(bench, seed, 1_000 + n * 10 + i, () => bookWith(ledger)));
      const id = await writers[0]?.begin() ?? '';
      await Promise.all(writers.map(async (it) => { for (let i = 0; i < 6; i += 1) await it.goOn(id); }));
      return id;
    }));
    for (const id of ids) {
      await shown(id);
      expect((await bench.ctx.get(EventStore).audit(paymentStream, id)).broken).toEqual([]);
    }
    expect(await events.trialBalance()).toEqual(await tables.trialBalance());
  });

  it('show what the other wrote last, without writing themselves', async () => {
    for (const [writer, reader] of [[tables, events], [events, tables]] as const) {
      const story = new Story(bench, seed, writer === tables ? 2_000 : 2_001, () => bookWith(writer));
      const id = await story.begin();
      for (let i = 0; i < 5; i += 1) await story.goOn(id);
      const payment = await find(id);
      expect(await reader.history(payment, whole)).toEqual(await writer.history(payment, whole));
    }
  });

  it('sum up what the other booked, credit notes included, once', async () => {
    const refunds = async (ledger: Ledger) => (await ledger.trialBalance()).find((it) => it.account === 'refunds')?.debit ?? 0;
    const before = await refunds(tables);
    for (const [ledger, amount] of [[tables, 700], [events, 11]] as const) {
      const creditNoteId = randomUUID();
      await bench.pay.creditCustomer({ creditNoteId, customerId: 'guest', amount: pounds(0), issuedAt: '2026-01-01T10:00:00Z' }, key());
      const lines = [{ account: 'refunds', debit: amount, credit: 0 }, { account: 'receivable', debit: 0, credit: amount }] as const;
      await ledger.credit(creditNoteId, { id: randomUUID(), lines, valueDate: '2026-01-01' }, new Date());
    }
    for (const ledger of [events, tables, events, tables]) expect(await refunds(ledger) - before).toBe(711);
  });

  it('bring everything over at a start', async () => {
    for (const [writer, n] of [[tables, 3_000], [events, 3_001]] as const) {
      const story = new Story(bench, seed, n, () => bookWith(writer));
      const id = await story.begin();
      for (let i = 0; i < 5; i += 1) await story.goOn(id);
    }
    await tables.onModuleInit();
    await events.onModuleInit();
    const [missing] = await bench.ctx.database.query<{ count: number }>(
      `SELECT count(*) FROM (SELECT id, version FROM stream_event WHERE stream = 'payment') s FULL JOIN payment_event e ON e.payment_id = s.id AND e.version = s.version
       WHERE s.id IS NULL OR e.payment_id IS NULL`,
    );
    expect(missing?.count).toBe(0);
  });
});

describe('the migration', () => {
  let server: TestDatabase;
  let database: Database | undefined;
  beforeAll(async () => { server = await testDatabase(); });
  afterAll(async () => {
    await database?.close();
    await server.drop();
  });

  it('brings over what was booked before there were streams', async () => {
    await provisionContext({ adminUrl: server.url, name: 'payments', migrations: [initial] });
    const [paymentId, creditNoteId, bookings, at] = [randomUUID(), randomUUID(), [randomUUID(), randomUUID()], '2026-02-03T04:05:06.789Z'];
    await server.query(
      `SET search_path TO payments;
       INSERT INTO payment VALUES ('${paymentId}', '${randomUUID()}', 'c', 'test-card', 500, 'captured', 'auth', NULL, NULL, 0, false, 3, '${at}');
       INSERT INTO payment_event VALUES ('${paymentId}', 1, 'authorized', 500, NULL, NULL, NULL, '${at}'), ('${paymentId}', 2, 'captured', 500, NULL, NULL, '${bookings[0]}', '${at}'),
         ('${paymentId}', 3, 'refund-refused', 20, '${creditNoteId}', 'not-now', NULL, '${at}');
       INSERT INTO credit_note VALUES ('${creditNoteId}', 'c', 7, '${at}', '${at}');
       INSERT INTO ledger_entry VALUES ('${bookings[0]}', 1, '${paymentId}', NULL, 'card-clearing', 500, 0, '${at}', '2026-02-03'), ('${bookings[0]}', 2, '${paymentId}', NULL, 'sales', 0, 500, '${at}', '2026-02-03'),
         ('${bookings[1]}', 1, NULL, '${creditNoteId}', 'refunds', 7, 0, '${at}', '2026-02-01'), ('${bookings[1]}', 2, NULL, '${creditNoteId}', 'receivable', 0, 7, '${at}', '2026-02-01')`,
    );
    const { url } = await provisionContext({ adminUrl: server.url, name: 'payments', migrations: [initial, ...eventStoreMigrations, ledgerAsStreams] });
    database = await openDatabase({ context: 'payments', url, entities: [], poolSize: 2, applicationName: 'test payments' });
    const store = new EventStore(database);
    expect(await server.query('SELECT stream, version FROM payments.stream_event ORDER BY stream, version')).toEqual([
      { stream: 'credit-note', version: 1 }, ...[1, 2, 3].map((version) => ({ stream: 'payment', version })),
    ]);
    const [ofTables, ofEvents] = [new TableLedger(database), new EventLedger(database, store)];
    const payment = { id: paymentId, version: 3 };
    expect(await ofEvents.history(payment, whole)).toEqual(await ofTables.history(payment, whole));
    expect(await ofEvents.trialBalance()).toEqual(await ofTables.trialBalance());
    expect(await store.audit(paymentStream, paymentId)).toMatchObject({ events: 3, broken: [] });
  });
});
