import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ON_ACCOUNT } from '../contract/index.js';
import { type PaymentsUnderTest, imbalances, key, paymentsUnderTest, pounds, someOrder, staff } from './payments-under-test.js';

let bench: PaymentsUnderTest;
beforeAll(async () => { bench = await paymentsUnderTest(); });
afterAll(() => bench.ctx.close());

async function captured(amount: number, method: string) {
  const order = someOrder(amount, method);
  const { paymentId } = await bench.pay.authorizePayment(order, key());
  await bench.pay.capturePayment({ orderId: order.orderId }, key());
  return { ...order, paymentId };
}

interface LedgerEvent { at: string; event: string; balance: { amount: number }; entries: { account: string; debit: number; credit: number }[] }
const ledger = async (paymentId: string, query = ''): Promise<LedgerEvent[]> =>
  (await bench.ctx.http('GET', `/v1/payments/${paymentId}/ledger${query}`, { as: staff })).body.data;
const trialBalance = async () => (await bench.ctx.http('GET', '/v1/payments/trial-balance', { as: staff })).body;
const side = (account: string, debit: number, credit: number) => ({ account, debit, credit });

describe('GET /v1/payments/{id}/ledger', () => {
  it.each([['test-card', 'card-clearing'], [ON_ACCOUNT, 'receivable']])('tells what happened to a payment by %s, how it was booked, and what is left', async (method, counterpart) => {
    const { paymentId } = await captured(1_000, method);
    await bench.ctx.http('POST', `/v1/payments/${paymentId}/refunds`, { as: staff, body: { amount: pounds(300) } });
    await bench.ctx.settle();
    expect(await ledger(paymentId)).toMatchObject([
      { sequence: 1, event: 'authorized', amount: pounds(1_000), balance: pounds(0), entries: [], bookingId: null },
      { sequence: 2, event: 'captured', amount: pounds(1_000), balance: pounds(1_000), entries: [side(counterpart, 1_000, 0), side('sales', 0, 1_000)] },
      { sequence: 3, event: 'refund-requested', amount: pounds(300), balance: pounds(1_000), entries: [], reference: expect.any(String) },
      { sequence: 4, event: 'refunded', amount: pounds(300), balance: pounds(700), entries: [side('refunds', 300, 0), side(counterpart, 0, 300)] },
    ]);
  });

  it('travels in time: shows the account as it stood at each of its instants, and nothing from before', async () => {
    const { paymentId, orderId } = await captured(1_000, 'test-card');
    await bench.pay.cancelPayment({ orderId }, key());
    const all = await ledger(paymentId);
    expect(all.map((it) => it.event)).toEqual(['authorized', 'captured', 'cancelled', 'refunded']);
    for (const { at } of all) {
      expect(await ledger(paymentId, `?asOf=${at}`)).toEqual(all.filter((it) => it.at <= at));
    }
    expect(await ledger(paymentId, '?asOf=2001-01-01T00:00:00Z')).toEqual([]);
    expect(await ledger(paymentId, '?asOf=2999-01-01T00:00:00Z')).toEqual(all);
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
    const lines = await bench.ctx.database.query('SELECT account, debit, credit, value_date FROM ledger_entry WHERE credit_note_id = $1 ORDER BY line', [note.creditNoteId]);
    expect(lines).toEqual([{ ...side('refunds', 1_234, 0), value_date: '2011-02-03' }, { ...side('receivable', 0, 1_234), value_date: '2011-02-03' }]);
    const debitOf = (balance: { accounts: { account: string; debit: number }[] }) => balance.accounts.find((it) => it.account === 'refunds')?.debit ?? 0;
    expect(debitOf(await trialBalance()) - debitOf(before)).toBe(1_234);
  });

  it('of nothing is not booked', async () => {
    const note = { creditNoteId: randomUUID(), customerId: 'guest', amount: pounds(0), issuedAt: '2011-02-03T10:00:00Z' };
    await bench.pay.creditCustomer(note, key());
    expect(await bench.ctx.database.query('SELECT 1 FROM ledger_entry WHERE credit_note_id = $1', [note.creditNoteId])).toEqual([]);
  });
});

describe('the books', () => {
  it('refuse a booking that does not balance, and to be rewritten', async () => {
    const { paymentId } = await captured(100, 'test-card');
    const book = (debit: number, credit: number) => bench.ctx.database.query(
      `INSERT INTO ledger_entry (booking_id, line, payment_id, account, debit, credit, occurred_at, value_date)
       VALUES ($1, 1, $2, 'card-clearing', $3, 0, $5, '2026-01-01'), ($1, 2, $2, 'sales', 0, $4, $5, '2026-01-01')`,
      [randomUUID(), paymentId, debit, credit, new Date()],
    );
    await expect(book(5, 4)).rejects.toThrow('does not balance');
    for (const rewriting of ['UPDATE ledger_entry SET debit = debit + 1', 'DELETE FROM ledger_entry', 'UPDATE payment_event SET amount = 0', 'DELETE FROM payment_event']) {
      await expect(bench.ctx.database.query(rewriting)).rejects.toThrow('only ever added to');
    }
    expect(await imbalances(bench)).toEqual([]);
  });

  it('balance to zero over 20,000 bookings, in time to be looked at', async () => {
    const { paymentId } = await captured(100, 'test-card');
    await bench.ctx.database.query(
      `INSERT INTO ledger_entry (booking_id, line, payment_id, account, debit, credit, occurred_at, value_date)
       SELECT lpad(to_hex(n), 32, '0')::uuid, side, $1, CASE side WHEN 1 THEN 'card-clearing' ELSE 'sales' END,
         CASE side WHEN 1 THEN 100 + n ELSE 0 END, CASE side WHEN 2 THEN 100 + n ELSE 0 END, $2, '2026-01-01'
       FROM generate_series(1, 20000) n, generate_series(1, 2) side`,
      [paymentId, new Date()],
    );
    const begun = performance.now();
    const balance = await trialBalance();
    expect(performance.now() - begun).toBeLessThan(2_000);
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
