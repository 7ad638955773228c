import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@banyan/kernel/testing';
import { NotificationsUnderTest } from './notifications-under-test.js';
import { PostOffice, type Reply } from './post-office.js';

let office: PostOffice;
let bench: NotificationsUnderTest;
beforeAll(async () => {
  office = await PostOffice.open();
  bench = await NotificationsUnderTest.open({ smtpUrl: office.url });
});
beforeEach(() => { office.habits = {}; });
afterAll(async () => {
  await bench.ctx.close();
  await office.close();
});

/** Gives the answers one after the other, then accepts. */
function inTurn(replies: readonly Reply[]): () => Reply {
  const left = [...replies];
  return () => left.shift() ?? 'accept';
}

const isOver = (customer: { id: string }) => eventually(async () => {
  const rows = await bench.rows(customer);
  expect(rows).not.toEqual([]);
  expect(rows.map((it) => it.status)).not.toContain('queued');
  return rows;
});

describe('a mail server', () => {
  it.each<[string, readonly Reply[]]>([
    ['says "later"', ['451 4.7.1 greylisted', '452 4.2.2 full']],
    ['hangs up', ['hang up', 'hang up']],
  ])('that %s to the recipient is asked again', async (_, replies) => {
    const customer = await bench.registered();
    office.habits = { recipient: inTurn(replies) };
    await bench.rejected(customer.id);
    expect(await isOver(customer)).toEqual([{ status: 'sent', attempts: 3, failure: null }]);
    expect(office.for(customer.email)).toHaveLength(1);
  });

  it('whose answer to the message is lost gets the same message again: under one Message-ID, and sent once in our books', async () => {
    const customer = await bench.registered();
    office.habits = { message: inTurn(['hang up']) };
    await bench.rejected(customer.id);
    expect(await isOver(customer)).toEqual([{ status: 'sent', attempts: 2, failure: null }]);
    const [first, second] = office.for(customer.email);
    expect(second).toEqual(first);
    expect(second?.headers['message-id']).toBeDefined();
  });

  it.each<[string, object]>([
    ['recipient', { recipient: () => '550 5.1.1 unknown' }],
    ['message', { message: () => '554 5.7.1 spam' }],
  ])('that refuses the %s for good is asked once', async (_, habits) => {
    const customer = await bench.registered();
    office.habits = habits;
    await bench.rejected(customer.id);
    await bench.ctx.settle();
    expect(await bench.rows(customer)).toEqual([{ status: 'failed', attempts: 1, failure: expect.stringMatching(/^55[04] 5\.\d\.1$/) }]);
    expect((await bench.list(customer)).body.data[0]).toMatchObject({ status: 'failed', sentAt: null });
  });

  it('that refuses one customer is no trouble for the others', async () => {
    const [unlucky, ...others] = await Promise.all(Array.from({ length: 6 }, () => bench.registered()));
    if (!unlucky) throw new Error('Nobody is there.');
    office.habits = { recipient: (address) => (address === unlucky.email ? '451 4.3.0 later' : 'accept') };
    await Promise.all([unlucky, ...others].map((it) => bench.rejected(it.id)));
    await Promise.all(others.map(isOver));
    await eventually(async () => { expect(await bench.statuses(unlucky)).toEqual(['queued']); });
    office.habits = {};
    expect(await isOver(unlucky)).toMatchObject([{ status: 'sent' }]);
  });

  it('is given up for a message that it would not take for five days', async () => {
    const customer = await bench.registered();
    office.habits = { recipient: () => '452 4.2.2 full' };
    await bench.rejected(customer.id);
    await eventually(async () => { expect((await bench.rows(customer))[0]?.attempts).toBeGreaterThan(1); });
    await bench.ctx.database.query(`UPDATE notification SET noted_at = noted_at - interval '5 days' WHERE customer_id = $1`, [customer.id]);
    expect(await isOver(customer)).toMatchObject([{ status: 'failed', failure: '452 4.2.2' }]);
  });

  it('that is away for a while gets everything when it is back', async () => {
    const customer = await bench.registered();
    const { port } = office;
    await office.close();
    await bench.rejected(customer.id);
    await eventually(async () => { expect((await bench.rows(customer))[0]?.attempts).toBeGreaterThan(2); });
    office = await PostOffice.open({ port });
    expect(await isOver(customer)).toMatchObject([{ status: 'sent' }]);
    expect(office.for(customer.email)).toHaveLength(1);
  });
});

describe('an address that was erased', () => {
  it('is not written to any more', async () => {
    const customer = await bench.registered();
    office.habits = { recipient: () => '451 4.3.0 later' };
    await bench.rejected(customer.id);
    await eventually(async () => { expect((await bench.rows(customer))[0]?.attempts).toBeGreaterThan(0); });
    await bench.ctx.database.query('UPDATE recipient SET name = NULL, email = NULL WHERE customer_id = $1', [customer.id]);
    expect(await isOver(customer)).toMatchObject([{ status: 'failed', failure: 'The address was erased.' }]);
    expect(office.for(customer.email)).toEqual([]);
  });
});
