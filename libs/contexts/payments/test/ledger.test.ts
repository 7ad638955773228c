import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ON_ACCOUNT } from '../contract/index.js';
import { Ledger } from '../src/ledger/ledger.js';
import { type PaymentsUnderTest, imbalances, key, ledgers, paymentsUnderTest, pounds, someOrder, staff, writtenLines } from './payments-under-test.js';

/** Bookings by the thousand, of £1.01 and more. */
const twentyThousand = {
  tables: `
    INSERT INTO ledger_entry (booking_id, line, payment_id, account, debit, credit, occurred_at, value_date)
    SELECT lpad(to_hex(n), 32, '0')::uuid, side, $1, CASE side WHEN 1 THEN 'card-clearing' ELSE 'sales' END,
      CASE side WHEN 1 THEN 100 + n ELSE 0 END, CASE side WHEN 2 THEN 100 + n ELSE 0 END, $2, '2026-01-01'
    FROM generate_series(1, 20000) n, generate_series(1, 2) side`,
  events: `
    INSERT INTO stream_event (stream, id, version, type, schema_version, data, occurred_at, is_imported)
    SELECT 'payment', overlay($1::text placing lpad(to_hex(n), 8, '0') from 1)::uuid, 1, 'captured', 1,
      jsonb_build_object('amount', 100 + n, 'reference', NULL, 'reason', NULL, 'booking', jsonb_build_object('id', lpad(to_hex(n), 32, '0'), 'valueDate', '2026-01-01', 'lines',
        jsonb_build_array(jsonb_build_object('account', 'card-clearing', 'debit', 100 + n, 'credit', 0), jsonb_build_object('account', 'sales', 'debit', 0, 'credit', 100 + n)))), $2, false
    FROM generate_series(1, 20000) n`,
};

describe.each(ledgers)('with a ledger of %s:', (ledger) => {
  let bench: PaymentsUnderTest;
  beforeAll(async () => { bench = await paymentsUnderTest({ ledger }); });
  afterAll(() => bench.ctx.close());

  async function captured(amount: number, method: string) {
    const order = someOrder(amount, method);
    const { paymentId } = await bench.pay.authorizePayment(order, key());
    await bench.pay.capturePayment({ orderId: order.orderId }, key());
    return { ...order, paymentId };
  }

  interface LedgerEvent { at: string; event: string; balance: { amount: number }; entries: { account: string; debit: number; credit: number }[] }
  const history = async (paymentId: string, query = ''): Promise<LedgerEvent[]> =>
    (await bench.ctx.http('GET', `/v1/payments/${paymentId}/ledger${query}`, { as: staff })).body.data;
  /** How many statements about the books a piece of work needs, and how many rows come back. */
  async function asked<T>(work: () => Promise<T>): Promise<{ result: T; statements: number; rows: number }> {
    const query = jest.spyOn(bench.ctx.database, 'query');
    try {
      const result = await work();
      const answers = query.mock.results.filter((_, i) => /ledger_entry|streamed_|stream_event|payment_event/.test(query.mock.calls[i]?.[0] ?? ''));
      const rows = await Promise.all(answers.map(async (it) => (await it.value as unknown[]).length));
      return { result, statements: rows.length, rows: rows.reduce((sum, it) => sum + it, 0) };
    } finally {
      query.mockRestore();
    }
  }

  const trialBalance = async () => (await bench.ctx.http('GET', '/v1/payments/trial-balance', { as: staff })).body;
  const side = (account: string, debit: number, credit: number) => ({ account, debit, credit });

  describe('GET /v1/payments/{id}/ledger', () => {
    it.each([['test-card', 'card-clearing'], [ON_ACCOUNT, 'receivable']])('tells what happened to a payment by %s, how it was booked, and what is left', async (method, counterpart) => {
      const { paymentId } = await captured(1_000, method);
      await bench.ctx.http('POST', `/v1/payments/${paymentId}/refunds`, { as: staff, body: { amount: pounds(300) } });
      await bench.ctx.settle();
      expect(await history(paymentId)).toMatchObject([
        { sequence: 1, event: 'authorized', amount: pounds(1_000), balance: pounds(0), entries: [], bookingId: null },
        { sequence: 2, event: 'captured', amount: pounds(1_000), balance: pounds(1_000), entries: [side(counterpart, 1_000, 0), side('sales', 0, 1_000)] },
        { sequence: 3, event: 'refund-requested', amount: pounds(300), balance: pounds(1_000), entries: [], reference: expect.any(String) },
        { sequence: 4, event: 'refunded', amount: pounds(300), balance: pounds(700), entries: [side('refunds', 300, 0), side(counterpart, 0, 300)] },
      ]);
    });

    it('travels in time: shows the account as it stood at each of its instants, and nothing from before', async () => {
      const { paymentId, orderId } = await captured(1_000, 'test-card');
      await bench.pay.cancelPayment({ orderId }, key());
      const all = await history(paymentId);
      expect(all.map((it) => it.event)).toEqual(['authorized', 'captured', 'cancelled', 'refunded']);
      for (const { at } of all) {
        expect(await history(paymentId, `?asOf=${at}`)).toEqual(all.filter((it) => it.at <= at));
      }
      expect(await history(paymentId, '?asOf=2001-01-01T00:00:00Z')).toEqual([]);
      expect(await history(paymentId, '?asOf=2999-01-01T00:00:00Z')).toEqual(all);
      const wrong = await bench.ctx.http('GET', `/v1/payments/${paymentId}/ledger?asOf=yesterday`, { as: staff });
      expect([wrong.status, wrong.body.errors[0].path]).toEqual([400, expect.stringContaining('asOf')]);
    });

    it('keeps the running balance from page to page, and shows it to its customer', async () => {
      const { paymentId, orderId, customerId } = await captured(1_000, ON_ACCOUNT);
      await bench.pay.cancelPayment({ orderId }, key());
      const as = { id: customerId, roles: ['customer'] };
      const first = (await bench.ctx.http('GET', `/v1/payments/${paymentId}/ledger?limit=2`, { as })).body;
      expect(first).toMatchObject({ data: [{ event: 'authorized' }, { event: 'captured' }], hasMore: true });
      const second = (await bench.ctx.http('GET', `/v1/payments/${paymentId}/ledger?limit=2&cursor=${first.nextCursor}`, { as })).body;
      expect(second).toMatchObject({ data: [{ event: 'cancelled', balance: pounds(1_000) }, { event: 'refunded', balance: pounds(0) }], hasMore: false, nextCursor: null });
    });
  });

  describe('a credit note', () => {
    it('is booked once, against what the customer owes, on its own day', async () => {
      const before = await trialBalance();
      const note = { creditNoteId: randomUUID(), customerId: '17850', amount: pounds(1_234), issuedAt: '2011-02-03T23:59:00Z' };
      await bench.pay.creditCustomer(note, key());
      await bench.pay.creditCustomer(note, key());
      const lines = (await writtenLines(bench)).filter((it) => it.creditNoteId === note.creditNoteId);
      expect(lines).toMatchObject([{ ...side('refunds', 1_234, 0), valueDate: '2011-02-03' }, { ...side('receivable', 0, 1_234), valueDate: '2011-02-03' }]);
      const debitOf = (balance: { accounts: { account: string; debit: number }[] }) => balance.accounts.find((it) => it.account === 'refunds')?.debit ?? 0;
      expect(debitOf(await trialBalance()) - debitOf(before)).toBe(1_234);
    });

    it('of nothing is not booked', async () => {
      const note = { creditNoteId: randomUUID(), customerId: 'guest', amount: pounds(0), issuedAt: '2011-02-03T10:00:00Z' };
      await bench.pay.creditCustomer(note, key());
      expect((await writtenLines(bench)).filter((it) => it.creditNoteId === note.creditNoteId)).toEqual([]);
    });
  });

  describe('the books', () => {
    it('refuse a booking that does not balance, and to be rewritten', async () => {
      await captured(100, 'test-card');
      const creditNoteId = randomUUID();
      await bench.pay.creditCustomer({ creditNoteId, customerId: 'guest', amount: pounds(0), issuedAt: '2026-01-01T10:00:00Z' }, key());
      const book = (debit: number, credit: number) => bench.ctx.get(Ledger).credit(
        creditNoteId, { id: randomUUID(), lines: [{ account: 'refunds', debit, credit: 0 }, { account: 'receivable', debit: 0, credit }], valueDate: '2026-01-01' }, new Date(),
      );
      await expect(book(5, 4)).rejects.toThrow('does not balance');
      const rewritings = { tables: ['UPDATE ledger_entry SET debit = debit + 1', 'DELETE FROM ledger_entry', 'UPDATE payment_event SET amount = 0', 'DELETE FROM payment_event'], events: ['UPDATE stream_event SET type = \'closed\'', 'DELETE FROM stream_event'] };
      for (const rewriting of rewritings[ledger]) {
        await expect(bench.ctx.database.query(rewriting)).rejects.toThrow('only ever added to');
      }
      expect(await imbalances(bench)).toEqual([]);
    });

    it('balance to zero over 20,000 bookings, which the database adds up: no more is asked of it, and no more comes back, than for one', async () => {
      const { paymentId } = await captured(100, 'test-card');
      await trialBalance();
      const few = await asked(trialBalance);
      await bench.ctx.database.query(twentyThousand[ledger], [paymentId, new Date()]);
      const { result: balance, ...many } = await asked(trialBalance);
      expect(many).toEqual({ statements: few.statements, rows: few.rows });
      expect(many.rows).toBeLessThanOrEqual(4); // of the accounts, one each
      expect(balance).toMatchObject({ balance: 0, currency: 'GBP' });
      expect(balance.accounts.map((it: { account: string }) => it.account)).toEqual(['card-clearing', 'receivable', 'refunds', 'sales']);
      const sum = (sideOf: 'debit' | 'credit') => balance.accounts.reduce((total: number, it: Record<'debit' | 'credit', number>) => total + it[sideOf], 0);
      expect(sum('debit')).toBe(sum('credit'));
      expect(sum('debit')).toBeGreaterThan(200_000_000);
    });

    it('are for staff', async () => {
      expect((await bench.ctx.http('GET', '/v1/payments/trial-balance', { as: { id: randomUUID(), roles: ['customer'] } })).status).toBe(403);
    });
  });
});
