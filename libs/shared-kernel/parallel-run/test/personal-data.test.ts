import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientOf } from '../../contract/index.js';
import type { ShadowUnderTest, Somebody } from '../../testing/index.js';
import { bothSides, copied, redaction } from './same-rows.js';
import { key, tillUnderTest } from './till-under-test.js';
import { tillContract } from './till-words.fixture.js';

const [NAME, EMAIL] = ['Ann Secretive', 'ann.secretive@home.example'];

describe('personal data in a parallel run', () => {
  let both: ShadowUnderTest;
  beforeAll(async () => {
    both = await tillUnderTest();
    const till = both.context.host.clientOf(tillContract);
    await till.join({ email: `before.${EMAIL}`, name: NAME }, key());
    await both.begin();
    await till.join({ email: EMAIL, name: NAME }, key());
    for (const email of [EMAIL, `before.${EMAIL}`]) await till.join({ email, name: null }, key()).catch(() => undefined);
    for (const email of [EMAIL, `other.${EMAIL}`]) await both.context.http('POST', '/v1/customers', { body: { email, name: NAME } });
    for (const email of [EMAIL, `no.${EMAIL}`]) await both.context.http('GET', `/v1/customers?and=what?=that&email=${encodeURIComponent(email)}`);
    await both.context.storage.query(`UPDATE till.customer SET name = 'Ann Secretive II'`);
  });
  afterAll(() => both.close());

  it('keeps equality: an address that is taken is taken on the copy, also one that was there before', async () => {
    const { findings, coverage } = await both.report();
    expect(findings).toEqual([]);
    expect(coverage).toMatchObject({
      'till.join done': [1, 1], 'till.join test-email-is-taken': [2, 2], 'POST /v1/customers 409': [1, 1], 'POST /v1/customers 201': [1, 1],
      'GET /v1/customers 200': [1, 1], 'GET /v1/customers 404': [1, 1],
    });
  });

  it('is the same hash from triggers, from the copy and from inputs', async () => {
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
    expect(copy['customer']?.join()).toContain(redaction.hashed(`before.${EMAIL}`));
  });

  it.each([
    ['the tape', () => both.context.storage.query<{ row: string }>('SELECT to_jsonb(it)::text AS row FROM till.tape it')],
    ['what was found', () => both.context.storage.query<{ row: string }>('SELECT to_jsonb(it)::text AS row FROM parallel_run.finding it')],
  ])('is nowhere in %s', async (_where, rows) => {
    expect(JSON.stringify(await rows()).toLowerCase()).not.toContain('secretive');
  });

  it('does not hide the words around it: endpoints keep their names', async () => {
    const names = await both.context.storage.query<{ name: string }>(`SELECT DISTINCT entry #>> '{inputs,0,occasion,name}' AS name FROM till.tape WHERE kind = 'transaction' ORDER BY 1`);
    expect(names.map((it) => it.name)).toEqual(['POST /v1/customers', 'till.join']);
  });
});

describe('personal data in what a context remembers of its inputs', () => {
  let both: ShadowUnderTest;
  let till: ClientOf<typeof tillContract>;
  const [again, signed, asked, struck, commanded, reused, reusedCommand] = [randomUUID(), randomUUID(), randomUUID(), randomUUID(), key(), randomUUID(), key()];
  const theirs = { email: EMAIL, name: NAME };
  const other = { email: `other.${EMAIL}`, name: NAME };
  const join = (by: string, body: object, more: { as?: Somebody; query?: string } = {}) => both.context.http('POST', `/v1/customers${more.query ?? ''}`, { key: by, body, ...(more.as && { as: more.as }) });
  const somebody: Somebody = { id: randomUUID(), roles: [] };
  const inputs = async (): Promise<Array<{ status: number }>> => [
    await join(again, theirs),
    await join(signed, { email: `signed.${EMAIL}`, name: NAME }, { as: somebody }),
    await join(asked, { email: `asked.${EMAIL}`, name: null }, { query: `?name=${encodeURIComponent(NAME)}&it='s` }),
  ];
  let saleId = '';
  beforeAll(async () => {
    both = await tillUnderTest();
    till = both.context.host.clientOf(tillContract);
    await inputs();
    await till.join({ email: `commanded.${EMAIL}`, name: NAME }, commanded);
    await join(reused, { email: `reused.${EMAIL}`, name: NAME });
    await till.join({ email: `reused.too.${EMAIL}`, name: NAME }, reusedCommand);
    ({ saleId } = await till.ring({ sku: 'apple', quantity: 1, price: 100 }, key()));
    await both.context.http('POST', `/v1/sales/${saleId}/strikes`, { key: struck });
    await both.begin();
  });
  afterAll(() => both.close());

  it('is nowhere on the copy: not in the answers that are kept for those who ask again, and not as a hash that can be guessed', async () => {
    const kept = await copied(both, `SELECT to_jsonb(it)::text AS row FROM till.idempotency_key it UNION ALL SELECT to_jsonb(it)::text FROM till.command_log it UNION ALL SELECT to_jsonb(it)::text FROM till.customer it`);
    expect(kept).toHaveLength(5 + 3 + 6);
    expect(kept.join().toLowerCase()).not.toContain('secretive');
    expect(kept.join()).toContain(redaction.hashed(EMAIL));
    const hashes = await copied(both, 'SELECT request_hash AS row FROM till.idempotency_key UNION SELECT input_hash FROM till.command_log');
    expect(hashes).toEqual(['redacted']);
  });

  it('does not make an input another one that is sent again after the copy was made, at either door', async () => {
    expect((await inputs()).map((it) => it.status)).toEqual([201, 201, 201]);
    await inputs();
    expect((await both.context.http('POST', `/v1/sales/${saleId}/strikes`, { key: struck })).status).toBe(202);
    await till.join({ email: `commanded.${EMAIL}`, name: NAME }, commanded);
    await till.join({ email: `commanded.${EMAIL}`, name: NAME }, commanded);
    const { findings, coverage } = await both.report();
    expect(findings).toEqual([]);
    expect(coverage).toMatchObject({ 'POST /v1/customers 201': [6, 6], 'POST /v1/sales/:id/strikes 202': [1, 1], 'till.join done': [2, 2] });
  });

  it('lets the copy refuse a key that is used for something else, before and after what it was used for comes again', async () => {
    expect((await join(reused, other)).status).toBe(422);
    await expect(till.join(other, reusedCommand)).rejects.toMatchObject({ code: 'command-key-reused' });
    expect((await join(reused, { email: `reused.${EMAIL}`, name: NAME })).status).toBe(201);
    await till.join({ email: `reused.too.${EMAIL}`, name: NAME }, reusedCommand);
    expect((await join(reused, other)).status).toBe(422);
    await expect(till.join(other, reusedCommand)).rejects.toMatchObject({ code: 'command-key-reused' });
    expect((await join(again, other)).status).toBe(422);
    await expect(till.join(other, commanded)).rejects.toMatchObject({ code: 'command-key-reused' });
    const { findings, coverage } = await both.report();
    expect(findings).toEqual([]);
    expect(coverage).toMatchObject({ 'POST /v1/customers 201': [7, 7], 'POST /v1/customers 422': [3, 3], 'till.join done': [3, 3], 'till.join command-key-reused': [3, 3] });
  });
});
