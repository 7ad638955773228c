import { describe, it, expect, beforeAll, afterAll } from '@jest/globals';
import { rawRequest } from './raw-request.js';
import { sampleApp, type SampleApp } from './sample-app.js';

interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  traceId: string;
  errors?: { path: string; message: string }[];
}

const JSON_TYPE = { 'content-type': 'application/json' };
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const good = { name: 'Oak', leaves: [{ sku: 'B-1', quantity: 1 }] };

describe('a hostile request', () => {
  let sample: SampleApp;
  let staff: string;

  beforeAll(async () => {
    sample = await sampleApp();
    staff = await sample.issuer.bearer({ roles: ['staff'] });
  });
  afterAll(async () => { await sample.close(); });

  const put = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = JSON_TYPE, query = '') =>
    fetch(`${sample.url}/v1/trees/B-1${query}`, { method: 'PUT', body, headers: { authorization: staff, ...headers } });

  async function problem(answer: Response): Promise<ProblemBody> {
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    const body = await answer.json() as ProblemBody;
    expect(body).toMatchObject({ type: `/problems/${body.code}`, status: answer.status, title: expect.any(String), detail: expect.any(String) });
    expect(answer.headers.get('traceparent')).toContain(body.traceId);
    return body;
  }

  describe.each([
    ['is not JSON', '{"name":', {}, 400, 'malformed-json'],
    ['holds bytes that are not UTF-8', new Uint8Array([0x22, 0xc3, 0x28, 0x22]), {}, 400, 'malformed-json'],
    ['is empty', '', {}, 400, 'invalid-input'],
    ['is another JSON value', '7', {}, 400, 'invalid-input'],
    ['holds a NUL', '{"name":"a\\u0000b","leaves":[]}', {}, 400, 'invalid-input'],
    ['holds half a surrogate pair', '{"name":"\\ud800","leaves":[]}', {}, 400, 'invalid-input'],
    ['holds a NUL in a key', '{"name":"a","leaves":[],"x\\u0000":1}', {}, 400, 'invalid-input'],
    ['reaches for the prototype', '{"name":"a","leaves":[],"__proto__":{"admin":true}}', {}, 400, 'invalid-input'],
    ['reaches for it through the constructor', '{"constructor":{"prototype":{"admin":true}}}', {}, 400, 'invalid-input'],
    ['is nested too deeply', nested(500_000), {}, 400, 'invalid-input'],
    ['holds a number beyond all bounds', '{"name":"a","leaves":[{"sku":"B","quantity":1e999}]}', {}, 400, 'invalid-input'],
    ['holds a number that no float can hold exactly', '{"name":"a","leaves":[{"sku":"B","quantity":12345678901234567890}]}', {}, 400, 'invalid-input'],
    ['is a form', 'name=Oak', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['is plain text', 'Oak', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['is of no type', new Uint8Array([1, 2]), { 'content-type': '' }, 415, 'unsupported-media-type'],
    ['is of a broken type', '{}', { 'content-type': 'application' }, 415, 'unsupported-media-type'],
    ['is in another charset', '{}', { 'content-type': 'application/json; charset=utf-16' }, 415, 'unsupported-media-type'],
    ['is compressed', '{}', { ...JSON_TYPE, 'content-encoding': 'gzip' }, 415, 'unsupported-media-type'],
    ['is 20 MB', JSON.stringify({ name: 'x'.repeat(20_000_000) }), {}, 413, 'body-too-large'],
  ] as const)('whose body %s', (_what, body, headers, status, code) => {
    it(`is answered with ${status} ${code}`, async () => {
      const answer = await put(body, { ...JSON_TYPE, ...headers });
      expect([answer.status, (await problem(answer)).code]).toEqual([status, code]);
    });
  });

  describe.each([
    ['an escape that is none', 'GET', '/v1/trees/%zz', 400, 'malformed-request'],
    ['bytes that are not UTF-8', 'GET', '/v1/trees/%c3%28', 400, 'malformed-request'],
    ['half a surrogate pair', 'GET', '/v1/trees/%ed%a0%80', 400, 'malformed-request'],
    ['a NUL in the path', 'GET', '/v1/trees/a%00b', 400, 'invalid-input'],
    ['a NUL in the query', 'GET', '/v1/trees?limit=%00', 400, 'invalid-input'],
    ['an endless parameter', 'GET', `/v1/trees/${'x'.repeat(3_000)}`, 414, 'uri-too-long'],
    ['a parameter that is too long for what it is', 'GET', `/v1/trees/${'x'.repeat(65)}`, 400, 'invalid-input'],
    ['nothing under it', 'GET', '/v1/nothing', 404, 'not-found'],
    ['nothing under it, with a body', 'POST', '/v1/nothing', 404, 'not-found'],
    ['an empty parameter', 'GET', '/v1/trees/', 404, 'not-found'],
    ['no such method', 'POST', '/v1/trees/B-1', 405, 'method-not-allowed'],
    ['an odd method', 'PURGE', '/v1/trees/B-1', 405, 'method-not-allowed'],
    ['a field of the query that is unknown', 'GET', '/v1/trees?sort=up', 400, 'invalid-input'],
    ['a field of the query twice', 'GET', '/v1/trees?limit=1&limit=2', 400, 'invalid-input'],
    ['a limit beyond the limit', 'GET', '/v1/trees?limit=101', 400, 'invalid-input'],
    ['a forged cursor', 'GET', '/v1/trees?cursor=Mw%3D%3D', 400, 'invalid-input'],
    ['a cursor of another list', 'GET', '/v1/trees?cursor=eyJhIjoxfQ', 400, 'invalid-input'],
  ] as const)('whose address has %s', (_what, method, path, status, code) => {
    it(`is answered with ${status} ${code}`, async () => {
      const answer = await fetch(sample.url + path, { method, ...(method === 'POST' ? { body: '{}', headers: JSON_TYPE } : {}) });
      expect([answer.status, (await problem(answer)).code]).toEqual([status, code]);
    });
  });

  it('names every wrong field of body, query and path at once', async () => {
    const answer = await fetch(`${sample.url}/v1/trees/%20?dry=maybe&x=1`, {
      method: 'PUT', headers: { authorization: staff, ...JSON_TYPE },
      body: JSON.stringify({ name: '', leaves: [{ sku: 'B', quantity: 0 }, { sku: '', quantity: 1.5, 'a/b': 1 }] }),
    });
    const { errors } = await problem(answer);
    expect(new Set(errors?.map(({ path }) => path))).toEqual(new Set([
      '{sku}', '?dry', '?x', '/name', '/leaves/0/quantity', '/leaves/1/sku', '/leaves/1/quantity', '/leaves/1/a~1b',
    ]));
  });

  it('names a field that cannot be stored by its pointer', async () => {
    const { errors } = await problem(await put('{"name":"a","leaves":[{"sku":"\\u0000","quantity":1}]}'));
    expect(errors).toEqual([{ path: '/leaves/0/sku', message: 'Contains a NUL character.' }]);
  });

  it('gets a bounded answer however many fields are wrong', async () => {
    const answer = await put(`{"name":"a","leaves":[${'0,'.repeat(1_500)}0]}`);
    const body = await problem(answer);
    expect(body.errors?.length).toBe(1_000);
    expect(body.detail).toContain('501 more problems');
  });

  it('cannot keep the server busy with ninety thousand unknown fields', async () => {
    const fields = Array.from({ length: 90_000 }, (_, i) => `"a${i}":0`).join();
    const started = performance.now();
    const body = await problem(await put(`{${fields}}`));
    expect(body).toMatchObject({ code: 'invalid-input', errors: expect.any(Array) });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('names the methods that an address has', async () => {
    const answer = await fetch(`${sample.url}/v1/trees/B-1`, { method: 'POST' });
    expect(answer.headers.get('allow')).toBe('DELETE, GET, HEAD, PUT');
  });

  it('keeps its connection after a body that was too large', async () => {
    const body = `{"name":"${'x'.repeat(1_100_000)}"}`;
    const head = `PUT /v1/trees/B-1 HTTP/1.1\r\nHost: x\r\nAuthorization: ${staff}\r\nContent-Type: application/json\r\n`;
    const answer = await rawRequest(sample.url, `${head}Content-Length: ${body.length}\r\n\r\n${body}GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('{"status":"ok"}');
  });

  it('is told that its chunked body is too large', async () => {
    const chunk = 'x'.repeat(65_536);
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 40; i += 1) controller.enqueue(new TextEncoder().encode(chunk));
        controller.close();
      },
    });
    const answer = await fetch(`${sample.url}/v1/trees/B-1`, { method: 'PUT', body, duplex: 'half', headers: { authorization: staff, ...JSON_TYPE } } as RequestInit);
    expect([answer.status, (await problem(answer)).code]).toEqual([413, 'body-too-large']);
  });

  it('may bring an order of 2,000 lines', async () => {
    const leaves = Array.from({ length: 1_999 }, (_, i) => ({ sku: `SKU-WITH-A-LONG-NAME-${i}`.padEnd(64, 'X'), quantity: 1 }));
    const answer = await put(JSON.stringify({ name: 'Oak', leaves }));
    expect(answer.status).toBe(200);
  });

  it.each([
    ['is not HTTP', 'HELLO\r\n\r\n', 400, 'malformed-request'],
    ['has two lengths', 'PUT /v1/trees/B-1 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', 400, 'malformed-request'],
    ['has a length that is no number', 'PUT /v1/trees/B-1 HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n', 400, 'malformed-request'],
    ['has both a length and chunks', 'PUT /v1/trees/B-1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400, 'malformed-request'],
    ['has endless headers', `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    ['has an endless address', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'headers-too-large'],
    ['has a NUL in a header', 'GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n', 400, 'malformed-request'],
  ])('that %s is answered with a problem, then cut off', async (_what, bytes, status, code) => {
    const answer = await rawRequest(sample.url, bytes);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain('Content-Type: application/problem+json');
    expect(head).toMatch(/X-Correlation-ID: [0-9a-f-]{36}/);
    expect(JSON.parse(body)).toMatchObject({ status, code });
  });

  it('with two content types is refused', async () => {
    const answer = await rawRequest(sample.url, `PUT /v1/trees/B-1 HTTP/1.1\r\nHost: x\r\nAuthorization: ${staff}\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"malformed-request"');
  });

  it('leaves the server able to serve the next one', async () => {
    expect((await put(JSON.stringify(good))).status).toBe(200);
  });

  it('never sees the inside of a defect; the log does', async () => {
    const answer = await fetch(`${sample.url}/v1/odd/failure`);
    const text = await answer.text();
    expect(answer.status).toBe(500);
    expect(text).not.toContain('hunter2');
    const { traceId } = JSON.parse(text) as ProblemBody;
    const line = sample.lines().find((it) => it['level'] === 'error' && it['traceId'] === traceId);
    expect(line).toMatchObject({ err: { message: 'the password of the database is hunter2', stack: expect.stringContaining('OddController') } });
  });

  it('cannot be given a problem whose own members are replaced by details', async () => {
    const leaves = Array.from({ length: 2_000 }, () => ({ sku: 'B', quantity: 1 }));
    const body = await problem(await put(JSON.stringify({ name: 'Oak', leaves })));
    expect(body).toMatchObject({ status: 409, code: 'too-many-leaves', leaves: 2_000 });
  });
});
