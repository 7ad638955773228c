import { describe, it, expect, beforeAll, afterAll } from '@jest/globals';
import { sampleApp, type SampleApp } from './sample-app.js';

describe('every answer', () => {
  let sample: SampleApp;
  beforeAll(async () => { sample = await sampleApp(); });
  afterAll(async () => { await sample.close(); });

  const kinds: [string, string, RequestInit][] = [
    ['a success', '/v1/trees/B-1', {}], ['a problem', '/v1/me', {}], ['nothing found', '/nowhere', {}], ['no such method', '/v1/trees', { method: 'PATCH' }],
    ['a page', '/docs', {}], ['a document', '/openapi.json', {}], ['a probe', '/health/live', {}], ['a defect', '/v1/odd/failure', {}],
  ];

  it.each(kinds)('carries correlation, trace and security headers, and does not say what serves it: %s', async (_what, path, init) => {
    const { headers } = await fetch(sample.url + path, init);
    expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toMatch(/max-age=\d+/);
    for (const name of ['server', 'x-powered-by', 'access-control-allow-origin']) expect(headers.get(name)).toBeNull();
  });

  it('is for its own origin only: a preflight gets no permission', async () => {
    const { headers, status } = await fetch(`${sample.url}/v1/trees/B-1`, { method: 'OPTIONS', headers: { origin: 'https://evil.test', 'access-control-request-method': 'PUT' } });
    expect([status, headers.get('access-control-allow-origin'), headers.get('access-control-allow-methods')]).toEqual([405, null, null]);
  });

  it('to HEAD has the headers of the answer to GET, behind the same door', async () => {
    const head = await fetch(`${sample.url}/v1/trees/B-1`, { method: 'HEAD' });
    const get = await fetch(`${sample.url}/v1/trees/B-1`);
    for (const name of ['etag', 'content-type', 'content-length']) expect(head.headers.get(name)).toBe(get.headers.get(name));
    expect((await fetch(`${sample.url}/v1/me`, { method: 'HEAD' })).status).toBe(401);
  });

  it('that depends on who asks stays out of caches; a public one is left to its controller', async () => {
    const authorization = await sample.issuer.bearer();
    expect((await fetch(`${sample.url}/v1/me`, { headers: { authorization } })).headers.get('cache-control')).toBe('no-store');
    expect((await fetch(`${sample.url}/v1/trees/B-1`)).headers.get('cache-control')).toBeNull();
  });
});
