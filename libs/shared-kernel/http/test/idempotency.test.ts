import { createHash, randomUUID } from 'node:crypto';
import { describe, it, expect, beforeAll, afterAll } from '@jest/globals';
import { purgeIdempotencyKeys } from '../index.js';
import { requestHash } from '../request-hash.js';
import { sampleApp, type SampleApp } from './sample-app.js';
import { shelves, type Shelves } from './shelves.fixture.js';
import { until } from './until.js';

interface Made { id: number; label: string; context: string }

describe('a write with an Idempotency-Key', () => {
  let contexts: Shelves;
  let sample: SampleApp;
  let token: string;

  const start = async (): Promise<void> => {
    sample = await sampleApp({ imports: await contexts.modules() });
    token = await sample.issuer.bearer({ sub: 'ada' });
  };

  beforeAll(async () => {
    contexts = await shelves();
    await start();
  });
  afterAll(async () => {
    await sample.close();
    await contexts.stop();
  });

  const add = (key: string | undefined, body: unknown, options: { shelf?: string; as?: string; text?: string } = {}) => fetch(`${sample.url}/v1/${options.shelf ?? 'left'}/items`, {
    method: 'POST', body: options.text ?? JSON.stringify(body),
    headers: { 'content-type': 'application/json', authorization: options.as ?? token, ...(key === undefined ? {} : { 'idempotency-key': key }) },
  });

  const effects = async (label: string, shelf = 'left'): Promise<number> => {
    const { rows } = await contexts.admin.query<{ count: number }>(`SELECT count(*)::int FROM "${shelf}".item WHERE label = $1`, [label]);
    return rows[0]?.count ?? -1;
  };

  const code = async (answer: Response): Promise<unknown> => ((await answer.json()) as { code: string }).code;

  it('happens once and is answered the same again, marked as a replay', async () => {
    const first = await add('once', { label: 'once' });
    const again = await add('once', { label: 'once' });
    expect([first.status, again.status]).toEqual([201, 201]);
    const [text, replay] = [await first.text(), await again.text()];
    expect(replay).toBe(text);
    expect(JSON.parse(text)).toMatchObject({ label: 'once', context: 'left' });
    for (const name of ['location', 'etag', 'content-type', 'cache-control']) expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect([first.headers.get('idempotent-replayed'), again.headers.get('idempotent-replayed')]).toEqual([null, 'true']);
    expect(await effects('once')).toBe(1);
  });

  it('happens once when fifty come at the same time; all answers that are not "still running" are equal', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => add('fifty', { label: 'fifty', wait: 30 })));
    const [done, running] = [answers.filter(({ status }) => status === 201), answers.filter(({ status }) => status === 409)];
    expect(done.length + running.length).toBe(50);
    expect(new Set(await Promise.all(running.map(code)))).toEqual(new Set(running.length > 0 ? ['request-in-progress'] : []));
    expect(running.filter(({ headers }) => headers.get('retry-after') !== '1')).toEqual([]);
    const bodies = new Set(await Promise.all(done.map((answer) => answer.text())));
    expect(bodies.size).toBe(1);
    expect(await effects('fifty')).toBe(1);
    expect((await add('fifty', { label: 'fifty', wait: 30 })).headers.get('idempotent-replayed')).toBe('true');
  });

  it('happens once per key under a storm of keys that come again and again, in both contexts', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const requests = Array.from({ length: 240 }, (_, i) => ({ key: `storm-${(i * 7 + seed) % 30}`, shelf: (i + seed) % 2 ? 'left' : 'right' }));
    const answers = await Promise.all(requests.map(({ key, shelf }) => add(key, { label: key, wait: (seed + key.length) % 5 }, { shelf })));
    const strange = answers.filter(({ status }) => ![201, 409].includes(status)).map(({ status }) => status);
    expect({ seed, strange }).toEqual({ seed, strange: [] });
    for (const { key, shelf } of requests) expect({ seed, key, shelf, effects: await effects(key, shelf) }).toEqual({ seed, key, shelf, effects: 1 });
  });

  it('is replayed by a process that has been started anew', async () => {
    const first = await (await add('restart', { label: 'restart' })).text();
    await sample.close();
    await start();
    const again = await add('restart', { label: 'restart' });
    expect([await again.text(), again.headers.get('idempotent-replayed')]).toEqual([first, 'true']);
    expect(await effects('restart')).toBe(1);
  });

  it('is the same whatever order and spacing its JSON has', async () => {
    await add('canonical', {}, { text: '{"label":"canonical","wait":1}' });
    const again = await add('canonical', {}, { text: '{ "wait": 1, "label": "canonical" }' });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('is refused with 422 when the key was used with another body or at another address', async () => {
    await add('reused', { label: 'reused' });
    const other = await add('reused', { label: 'another' });
    expect([other.status, await code(other)]).toEqual([422, 'idempotency-key-reused']);
    await fetch(`${sample.url}/v1/left/items/1`, { method: 'PUT', headers: { 'idempotency-key': 'address' } });
    const elsewhere = await fetch(`${sample.url}/v1/left/items/2`, { method: 'PUT', headers: { 'idempotency-key': 'address' } });
    expect([elsewhere.status, await code(elsewhere)]).toEqual([422, 'idempotency-key-reused']);
    expect(await effects('another')).toBe(0);
  });

  it('has a key of its own for each person and each context', async () => {
    const key = 'common';
    const grace = await sample.issuer.bearer({ sub: 'grace' });
    const made = await Promise.all([add(key, { label: key }), add(key, { label: key }, { as: grace }), add(key, { label: key }, { shelf: 'right' })]);
    expect(made.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, null, null]);
    const contextsSeen = await Promise.all(made.map(async (answer) => ((await answer.json()) as Made).context));
    expect(contextsSeen).toEqual(['left', 'left', 'right']);
    expect([await effects(key), await effects(key, 'right')]).toEqual([2, 1]);
  });

  it.each([['no key', undefined], ['an empty key', ''], ['a key of 256 characters', 'k'.repeat(256)], ['a key with a tab', 'a\tb'], ['a key that is not ASCII', 'sch\u00f6n']])('is refused with %s', async (_what, key) => {
    const answer = await add(key, { label: 'keyless' });
    expect([answer.status, await code(answer)]).toEqual([400, 'idempotency-key-missing']);
  });

  it('is refused for who may not send it before its key is looked at, and for its form before anything is stored', async () => {
    expect((await add(undefined, {}, { as: 'Bearer garbage' })).status).toBe(401);
    expect((await add('form', { label: '' })).status).toBe(400);
    expect((await add('form', { label: 'form' })).status).toBe(201);
  });

  it.each([['a catalogued error', 'refuse', 409, 'shelf-full'], ['a defect', 'fail', 500, 'internal'], ['a commit that fails', 'commit-fails', 500, 'internal']])('leaves nothing behind after %s, so that it can be sent again', async (_what, ends, status, expected) => {
    const key = randomUUID();
    const failed = await add(key, { label: key, ends });
    expect([failed.status, await code(failed), failed.headers.get('location'), failed.headers.get('etag')]).toEqual([status, expected, null, null]);
    expect(await effects(key)).toBe(0);
    const repaired = await add(key, { label: key });
    expect([repaired.status, repaired.headers.get('idempotent-replayed')]).toEqual([201, null]);
    expect(await effects(key)).toBe(1);
  });

  it('leaves nothing behind when its connection to the database dies midway', async () => {
    const cut = add('cut', { label: 'cut', wait: 500 });
    await until(async () => {
      const { rowCount } = await contexts.admin.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name = 'test left' AND state = 'idle in transaction' AND query LIKE 'INSERT INTO item%'`);
      return (rowCount ?? 0) > 0;
    });
    const answer = await cut;
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await effects('cut')).toBe(0);
    expect((await add('cut', { label: 'cut', wait: 500 })).status).toBe(201);
    expect(await effects('cut')).toBe(1);
  });

  it('rolls back and gives the other answer when another transaction, which had no lock, was faster', async () => {
    const owner = { principalId: 'ada', key: 'raced' };
    const body = { label: 'raced', wait: 300 };
    const hash = await requestHash({ method: 'POST', url: '/v1/left/items', body }, owner);
    const racing = add('raced', body);
    await until(async () => {
      const { rowCount } = await contexts.admin.query(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'test left' AND state = 'idle in transaction' AND query LIKE 'INSERT INTO item%'`);
      return (rowCount ?? 0) > 0;
    });
    await contexts.admin.query(
      `INSERT INTO "left".idempotency_key (principal_id, key, route, request_hash, status, headers, body) VALUES ('ada', 'raced', 'POST /', $1, 201, '{"location":"/elsewhere"}', '{"id":0}')`, [hash]);
    const answer = await racing;
    expect([answer.status, await answer.text(), answer.headers.get('location'), answer.headers.get('etag'), answer.headers.get('idempotent-replayed')])
      .toEqual([201, '{"id":0}', '/elsewhere', null, 'true']);
    expect(await effects('raced')).toBe(0);
  });

  it('replays the status that the handler chose, and answers without a body', async () => {
    const put = (id: number) => fetch(`${sample.url}/v1/left/items/${id}`, { method: 'PUT', headers: { 'idempotency-key': `put-${id}` } });
    expect([(await put(1)).status, (await put(1)).status, (await put(2)).status, (await put(2)).status]).toEqual([200, 200, 201, 201]);
    const sweep = () => fetch(`${sample.url}/v1/right/sweeps`, { method: 'POST', headers: { 'idempotency-key': 'sweep' } });
    const [first, again] = [await sweep(), await sweep()];
    expect([first.status, again.status, again.headers.get('idempotent-replayed'), await again.text()]).toEqual([204, 204, 'true', '']);
  });

  it('knows passwords apart without storing what they could be guessed from', async () => {
    const send = (password: string) => fetch(`${sample.url}/v1/right/sweeps`, {
      method: 'POST', body: JSON.stringify({ email: 'ada@shop.test', password }), headers: { 'content-type': 'application/json', 'idempotency-key': 'sign-up' },
    });
    expect([(await send('one')).status, (await send('one')).status, (await send('two')).status]).toEqual([204, 204, 422]);
    const { rows } = await contexts.admin.query<{ request_hash: string }>(`SELECT request_hash FROM "right".idempotency_key WHERE key = 'sign-up'`);
    const guess = createHash('sha256').update(`POST\n/v1/right/sweeps\n${JSON.stringify({ email: 'ada@shop.test', password: 'one' })}`).digest('hex');
    expect(rows[0]?.request_hash).not.toBe(guess);
  });

  it('can use its key again when the stored answer has been purged', async () => {
    await add('old', { label: 'old' });
    const database = contexts.databases.get('left');
    if (!database) throw new Error('The left shelf is gone.');
    await contexts.admin.query(`UPDATE "left".idempotency_key SET created_at = created_at - interval '31 days' WHERE key = 'old'`);
    expect(await purgeIdempotencyKeys(database)).toBe(1);
    expect((await add('old', { label: 'old' })).headers.get('idempotent-replayed')).toBeNull();
    expect(await effects('old')).toBe(2);
  });

  it('looks its key up through the primary key, and purges through the index on age', async () => {
    await contexts.admin.query(`
      INSERT INTO "left".idempotency_key (principal_id, key, route, request_hash, status, headers)
      SELECT 'bulk', 'bulk-' || n, 'POST /', 'x', 200, '{}' FROM generate_series(1, 20000) AS n;
      ANALYZE "left".idempotency_key;`);
    const plan = async (sql: string) => (await contexts.admin.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`)).rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(await plan(`SELECT stored.status FROM (VALUES (1)) AS one LEFT JOIN "left".idempotency_key AS stored ON stored.principal_id = 'ada' AND stored.key = 'once'`)).toContain('idempotency_key_pkey');
    expect(await plan(`SELECT 1 FROM "left".idempotency_key WHERE created_at < clock_timestamp() - make_interval(days => 30) ORDER BY created_at LIMIT 5000`)).toContain('idempotency_key_created_at');
  });
});
