import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readMetrics } from '../../observability/index.js';
import { complaintsAbout, eventually } from '../../testing/index.js';
import { rawRequest } from './raw-request.js';
import { readText } from './read-text.js';
import { type SampleApp, sampleApp } from './sample-app.js';

const TOKEN = 'scrape-with-this-and-nothing-else';

let sample: SampleApp;
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${sample.url}${path}`, { headers });
const scrape = async (headers: Record<string, string> = {}) => readMetrics(await (await get('/metrics', { authorization: `Bearer ${TOKEN}`, ...headers })).text());

describe('the figures of requests', () => {
  beforeAll(async () => { sample = await sampleApp({ settings: { monitoring: { is: 'token', token: TOKEN } } }); });
  afterAll(async () => { await sample.close(); });

  it('are counted by the template of the route, not by its address, and by how they ended', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, i) => get(`/v1/trees/OAK-${i}`)));
    await get('/v1/trees?limit=0');
    await get('/v1/odd/failure');
    await get('/v1/me');
    await eventually(async () => {
      const figures = await scrape();
      const count = (labels: Record<string, string>) => figures.sum('banyan_http_requests_total', { context: 'app', method: 'GET', ...labels });
      expect(count({ route: '/v1/trees/:sku', status: '2xx' })).toBe(20);
      expect(count({ route: '/v1/trees', status: '4xx' })).toBe(1);
      expect(count({ route: '/v1/odd/failure', status: '5xx' })).toBe(1);
      expect(count({ route: '/v1/me', status: '4xx' })).toBe(1);
      expect(figures.sum('banyan_http_request_duration_seconds_count', { route: '/v1/trees/:sku' })).toBe(20);
      expect(figures.sum('banyan_http_request_duration_seconds_bucket', { route: '/v1/trees/:sku', le: '+Inf' })).toBe(20);
      expect(complaintsAbout(figures)).toEqual([]);
    });
    expect(await (await get('/metrics', { authorization: `Bearer ${TOKEN}` })).text()).not.toContain('OAK-');
  });

  it('have one line for all addresses that lead nowhere, and for those that nobody can read', async () => {
    await Promise.all(Array.from({ length: 5 }, (_, i) => get(`/nowhere/${i}`)));
    await rawRequest(sample.url, 'GET /v1/trees/%E0%A4%A HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    await eventually(async () => { expect((await scrape()).sum('banyan_http_requests_total', { route: 'none', status: '4xx' })).toBe(6); });
    expect((await scrape()).sum('banyan_http_requests_total', { route: 'none' })).toBe(6);
  });

  it('tell a client that left from one that got its answer', async () => {
    const leaving = new AbortController();
    const answer = await fetch(`${sample.url}/v1/odd/ticks`, { signal: leaving.signal });
    const stream = readText(answer);
    await stream.until('data: 1');
    leaving.abort();
    await stream.cancel().catch(() => undefined);
    await eventually(async () => { expect((await scrape()).sum('banyan_http_requests_total', { route: '/v1/odd/ticks', status: 'aborted' })).toBe(1); });
  });
});

describe('the metrics', () => {
  const statusFor = async (headers: Record<string, string>) => (await get('/metrics', headers)).status;

  describe('with a token of their own', () => {
    beforeAll(async () => { sample = await sampleApp({ settings: { monitoring: { is: 'token', token: TOKEN } } }); });
    afterAll(async () => { await sample.close(); });

    it('are for whoever has it, as text that is not kept', async () => {
      const answer = await get('/metrics', { authorization: `Bearer ${TOKEN}` });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-store');
    });

    it('are for operators too', async () => {
      expect(await statusFor({ authorization: await sample.issuer.bearer({ roles: ['operator'] }) })).toBe(200);
    });

    it.each([
      ['nothing', {}],
      ['another token', { authorization: 'Bearer scrape-with-that' }],
      ['a part of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
      ['the token under another scheme', { authorization: `Basic ${TOKEN}` }],
      ['the token in another header', { 'x-token': TOKEN }],
    ])('are not for whoever sends %s', async (_what, headers) => {
      expect(await statusFor(headers as Record<string, string>)).toBe(401);
    });

    it('are not for customers', async () => {
      expect(await statusFor({ authorization: await sample.issuer.bearer({ roles: ['customer', 'staff'] }) })).toBe(403);
    });

    it('are all that their token opens', async () => {
      for (const path of ['/v1/me', '/v1/me/session']) expect((await get(path, { authorization: `Bearer ${TOKEN}` })).status).toBe(401);
    });

    it('are documented as closed', async () => {
      const document = await (await get('/openapi.json')).json() as { paths: Record<string, Record<string, { security: unknown; responses: object }>> };
      const operation = document.paths['/metrics']?.['get'];
      expect(operation?.security).toEqual([{ bearer: [] }]);
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(['200', '401', '403']));
    });
  });

  describe('on a machine where everybody is at home', () => {
    beforeAll(async () => { sample = await sampleApp({ settings: { monitoring: { is: 'local' } } }); });
    afterAll(async () => { await sample.close(); });

    it('are for whoever asks from this machine', async () => {
      expect(await statusFor({})).toBe(200);
      expect(await statusFor({ authorization: 'Bearer garbage' })).toBe(200);
    });

    it.each(['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'])('are not for whoever comes through a proxy that says so by %s', async (name) => {
      expect(await statusFor({ [name]: '203.0.113.7' })).toBe(401);
    });

    it.each(['203.0.113.7', '10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1'])('are not for whoever asks from %s', async (remoteAddress) => {
      expect((await sample.app.inject({ method: 'GET', url: '/metrics', remoteAddress })).statusCode).toBe(401);
    });
  });

  describe('where nobody said who monitors', () => {
    beforeAll(async () => { sample = await sampleApp(); });
    afterAll(async () => { await sample.close(); });

    it('are for operators alone', async () => {
      expect(await statusFor({})).toBe(401);
      expect(await statusFor({ authorization: await sample.issuer.bearer({ roles: ['staff'] }) })).toBe(403);
      expect(await statusFor({ authorization: await sample.issuer.bearer({ roles: ['operator'] }) })).toBe(200);
    });
  });
});
