import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type EventDefinition, event } from '@banyan/kernel/contract';
import { Events } from '@banyan/kernel/messaging';
import { loggingModule } from '@banyan/kernel/observability';
import { Database } from '@banyan/kernel/persistence';
import { runInput } from '@banyan/kernel/runtime';
import { eventually } from '@banyan/kernel/testing';
import { paymentsContract } from '@banyan/payments/contract';
import { ModulesContainer } from '@nestjs/core';
import { CommanderError } from 'commander';
import { z } from 'zod';
import { type Person, type ShopUnderTest, openShop } from '../../apps/monolith/test/shop.js';
import { parkedCommand } from './index.js';

const { paymentAuthorized, paymentCaptured, paymentVoided } = paymentsContract.events;

/** Announces what its contract would not let through, as a build with a defect does. */
function defective({ type, version, aggregateType }: EventDefinition) {
  return event(type, { version, aggregateType, aggregateId: (it) => String(it['paymentId']), payload: z.record(z.string(), z.unknown()) });
}

describe('npx banyan parked', () => {
  let house: ShopUnderTest;
  let customer: Person;
  let folder: string;
  beforeAll(async () => {
    house = await openShop();
    loggingModule({ service: 'test', level: 'silent' });
    customer = await house.shop.customer();
    folder = await mkdtemp(join(tmpdir(), 'banyan-parked-'));
    await writeFile(join(folder, 'operator.json'), JSON.stringify(house.monolith.operator));
    process.env['DATA_DIR'] = folder;
    process.env['BANYAN_URL'] = house.monolith.url;
  });
  afterAll(async () => {
    for (const name of ['DATA_DIR', 'BANYAN_URL', 'BANYAN_TOKEN']) delete process.env[name];
    await house.close();
    await rm(folder, { recursive: true });
  });
  afterEach(() => { delete process.env['BANYAN_TOKEN']; });

  /** Runs a command as a person types it; answers with what it prints. @throws what ends it with another exit code than 0 */
  async function banyan(...words: string[]): Promise<string> {
    const printed: string[] = [];
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    const err = jest.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    try {
      const verb = parkedCommand();
      for (const it of [verb, ...verb.commands]) it.exitOverride();
      await verb.parseAsync(words, { from: 'user' });
    } catch (error) {
      throw error instanceof CommanderError ? new Error(`exit ${error.exitCode}: ${printed.join('')}`) : error;
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
    return printed.join('').trimEnd();
  }

  /** A class of the context "payments" in the running shop. */
  function ofPayments<T extends object>(type: abstract new (...args: never[]) => T): T {
    for (const module of house.monolith.app.get(ModulesContainer).values()) {
      const database: unknown = module.getProviderByKey(Database)?.instance;
      if (database instanceof Database && database.context === 'payments') return module.getProviderByKey<T>(type).instance;
    }
    throw new Error('The shop has no payments.');
  }

  interface Payment {
    readonly paymentId: string;
    readonly orderId: string;
  }

  /** A payment whose second event reporting cannot read, with one more behind it. */
  async function spoiltPayment(): Promise<Payment> {
    const ids = { paymentId: randomUUID(), orderId: randomUUID() };
    const amount = { amount: 500, currency: 'GBP' as const };
    await runInput({ context: 'payments' }, () => ofPayments(Database).transaction(async () => {
      const events = ofPayments(Events);
      events.announce(paymentAuthorized({ ...ids, amount, method: 'test-card' }));
      events.announce(defective(paymentCaptured)({ ...ids, amount: 'five pounds' }));
      events.announce(paymentVoided(ids));
    }));
    await house.monolith.settled();
    return ids;
  }

  async function mend({ paymentId }: Payment): Promise<void> {
    await house.storage.query(`UPDATE reporting.inbox SET payload = jsonb_set(payload, '{amount}', '{"amount": 500, "currency": "GBP"}') WHERE aggregate_id = $1 AND status = 'parked'`, [paymentId]);
  }

  /** What became of the payment's events in reporting, in order, beside being handled. */
  async function unhandled({ paymentId }: Payment): Promise<string[]> {
    const rows = await house.storage.query<{ status: string }>(`SELECT status FROM reporting.inbox WHERE aggregate_id = $1 AND status <> 'done' ORDER BY position`, [paymentId]);
    return rows.map((it) => it.status);
  }

  /** What reporting knows of the order: the last event it heard of, and the money that one of them told. */
  async function reported({ orderId }: Payment): Promise<unknown> {
    const [row] = await house.storage.query('SELECT payment_status AS status, captured::integer FROM reporting.order_report WHERE order_id = $1', [orderId]);
    return row;
  }

  it('lists, shows and redrives: park, look, mend, redrive, in order', async () => {
    const payment = await spoiltPayment();
    const listed = await banyan('list', '--key', payment.paymentId);
    expect(listed).toMatch(new RegExp(`^reporting/[0-9a-f-]{36}  payments.payment-captured  key ${payment.paymentId}\n    parked .* after (?:1 try|2 tries), 1 event waits behind it\n    .*/amount`));
    const [name = ''] = listed.split(' ');
    const shown = await banyan('show', name);
    expect(shown).toContain('state        parked, 1 event waits behind it');
    expect(shown).toMatch(/\n\S+Z {2}received\n\S+Z {2}parked after try [12]: .*amount/);
    await mend(payment);
    expect(await banyan('redrive', '--key', payment.paymentId, '--dry-run', '--reason', 'to see')).toBe('1 parked event of 1 key would run again, and 1 behind them.\n    reporting: 1 of 1 key, 1 behind them\nNothing was changed.');
    expect(await unhandled(payment)).toEqual(['parked', 'pending']);
    expect(await banyan('redrive', name, '--reason', 'The amount is a number now.')).toBe('1 parked event of 1 key run again, and 1 behind them.\n    reporting: 1 of 1 key, 1 behind them');
    await house.monolith.settled();
    expect(await unhandled(payment)).toEqual([]);
    expect(await reported(payment)).toEqual({ status: 'voided', captured: 500 });
    expect(await banyan('show', name)).toMatch(new RegExp(`redriven by ${house.shop.staff.id}: The amount is a number now.\n\\S+Z {2}handled$`));
  });

  it('discards by ids and by a filter; a dry run changes nothing', async () => {
    const [one, two] = [await spoiltPayment(), await spoiltPayment()];
    const { data } = JSON.parse(await banyan('list', '--context', 'reporting', '--type', 'payments.payment-captured', '--since', '1h', '--json'));
    expect(data).toHaveLength(2);
    const dry = await banyan('discard', '--context', 'reporting', '--error', 'AMOUNT', '--dry-run', '--reason', 'to see');
    expect(dry).toBe('2 parked events would be discarded; 2 behind them would run.\n    reporting: 2, 2 behind them\nNothing was changed.');
    expect([await unhandled(one), await unhandled(two)]).toEqual([['parked', 'pending'], ['parked', 'pending']]);
    const first = data.find((it: { key: string }) => it.key === one.paymentId);
    expect(JSON.parse(await banyan('discard', first.eventId, randomUUID(), '--reason', 'Booked by hand.', '--json'))).toMatchObject({ events: 1, behind: 1, contexts: [{ context: 'reporting', events: 1 }] });
    expect(await banyan('discard', first.eventId, '--reason', 'Booked by hand.')).toBe('Nothing that is parked was meant.');
    expect(await banyan('discard', '--key', two.paymentId, '--reason', 'Booked by hand too.')).toContain('1 parked event was discarded; 1 behind them run.');
    await house.monolith.settled();
    expect([await unhandled(one), await unhandled(two)]).toEqual([['discarded'], ['discarded']]);
    expect(await reported(one)).toEqual({ status: 'voided', captured: 0 });
    expect(await banyan('list')).toBe('Nothing is parked.');
    expect(JSON.parse(await banyan('show', `reporting/${first.eventId}`, '--json'))).toMatchObject({ state: 'discarded', history: expect.arrayContaining([expect.objectContaining({ is: 'discarded', reason: 'Booked by hand.' })]) });
  });

  it('redrives a group at a pace', async () => {
    const payments = [await spoiltPayment(), await spoiltPayment(), await spoiltPayment()];
    for (const payment of payments) await mend(payment);
    expect(await banyan('redrive', '--all', '--rate', '2', '--reason', 'All are mended.')).toContain('The last key begins in 2 s.');
    await eventually(async () => {
      expect(await Promise.all(payments.map(unhandled))).toEqual([[], [], []]);
    });
  });

  it('says so when a customer, or nobody, asks: 403 and 401', async () => {
    process.env['BANYAN_TOKEN'] = customer.token;
    for (const words of [['list'], ['show', `reporting/${randomUUID()}`], ['redrive', '--all', '--reason', 'r'], ['discard', randomUUID(), '--reason', 'r']]) {
      await expect(banyan(...words)).rejects.toThrow(/role operator.*\(403 forbidden/);
    }
    process.env['BANYAN_TOKEN'] = 'garbage';
    process.env['DATA_DIR'] = join(folder, 'nothing');
    await expect(banyan('list')).rejects.toThrow(/401 unauthenticated/);
    delete process.env['BANYAN_TOKEN'];
    await expect(banyan('list')).rejects.toThrow('There is nobody to sign in as');
    process.env['DATA_DIR'] = folder;
    process.env['BANYAN_TOKEN'] = 'expired, but there is a login';
    expect(await banyan('list')).toBe('Nothing is parked.');
  });

  it('says what to do when nothing answers, or nothing is there', async () => {
    await expect(banyan('list', '--url', 'http://127.0.0.1:9')).rejects.toThrow(/^Nothing answers at http:\/\/127.0.0.1:9 \(.+\)\. Start it with "npm start"/);
    await expect(banyan('list', '--url', 'ftp://shop')).rejects.toThrow('BANYAN_URL must be an http(s) URL');
    await expect(banyan('list', '--context', 'nowhere')).rejects.toThrow(/There is no context "nowhere" here\. There are: identity.*\(400 invalid-input/s);
    await expect(banyan('show', randomUUID())).rejects.toThrow(/is not parked anywhere/);
    await expect(banyan('show', `reporting/${randomUUID()}`)).rejects.toThrow(/\(404 not-found/);
  });

  const wrong: [string, string[], RegExp][] = [
    ['a redrive of nothing', ['redrive', '--reason', 'r'], /exit 2: error: Say what to redrive/],
    ['a redrive of everything and something', ['redrive', '--all', '--context', 'reporting', '--reason', 'r'], /exit 2: .*--all is everything/],
    ['a redrive without a reason', ['redrive', '--all'], /exit 1: .*required option '--reason <why>'/],
    ['a discard of nothing', ['discard', '--reason', 'r'], /exit 2: .*no way to discard everything/],
    ['events of several contexts', ['redrive', `reporting/${randomUUID()}`, `payments/${randomUUID()}`, '--reason', 'r'], /exit 2: .*several contexts/],
    ['a rate of none', ['redrive', '--all', '--rate', '0', '--reason', 'r'], /whole number from 1 to 10000/],
    ['a time that is none', ['list', '--since', 'yesterday'], /30m, 2h or 7d/],
  ];
  it.each(wrong)('refuses %s', async (_what, words, message) => {
    await expect(banyan(...words)).rejects.toThrow(message);
  });

  it('explains itself with examples', async () => {
    for (const verb of ['list', 'show', 'redrive', 'discard']) await expect(banyan(verb, '--help')).rejects.toThrow(new RegExp(`exit 0: .*Examples:\n  npx banyan parked ${verb}`, 's'));
  });
});
