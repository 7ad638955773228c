import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it, expect, beforeAll, afterAll } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import { sampleApp, type SampleApp } from './sample-app.js';
import { shelves, type Shelves } from './shelves.fixture.js';

const run = promisify(execFile);

describe('the documentation', () => {
  let contexts: Shelves;
  let sample: SampleApp;
  let document: OpenAPIObject;

  beforeAll(async () => {
    contexts = await shelves(['shelf']);
    sample = await sampleApp({ imports: await contexts.modules() });
    document = await (await fetch(`${sample.url}/openapi.json`)).json() as OpenAPIObject;
  });
  afterAll(async () => {
    await sample.close();
    await contexts.stop();
  });

  it('is OpenAPI 3.1 in which redocly finds nothing wrong', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'openapi-'));
    try {
      const file = join(folder, 'openapi.json');
      await writeFile(file, JSON.stringify(document));
      const { stdout } = await run('node_modules/.bin/redocly', ['lint', file, '--extends', 'recommended', '--format', 'json'], {
        env: { ...process.env, NODE_OPTIONS: '', REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
      }).catch((failed: { stdout: string }) => failed);
      const { problems } = JSON.parse(stdout) as { problems: { severity: string; ruleId: string; message: string; location: { pointer: string }[] }[] };
      expect(problems.map(({ severity, ruleId, message, location }) => `${severity} ${ruleId} ${location[0]?.pointer}: ${message}`)).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('says who may use an operation, what it needs and how it can fail', () => {
    const put = document.paths['/v1/trees/{sku}']?.put;
    expect(put).toMatchObject({ operationId: 'trees.put', security: [{ bearer: [] }], tags: ['trees'] });
    expect(Object.keys(put?.responses ?? {})).toEqual(['200', '400', '401', '403', '409', '412', '500', '503', '504']);
    expect(put?.responses['409']).toMatchObject({ description: expect.stringContaining('`too-many-leaves`'), content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } });
    expect(put?.parameters).toContainEqual(expect.objectContaining({ name: 'if-match', in: 'header', required: false }));
    expect(put?.parameters).toContainEqual({ $ref: '#/components/parameters/CorrelationId' });
    expect(document.paths['/v1/trees']?.get).toMatchObject({ security: [] });
    expect(document.components?.securitySchemes).toMatchObject({ bearer: { type: 'http', scheme: 'bearer' } });
  });

  it('asks for an Idempotency-Key where one is needed', () => {
    const add = document.paths['/v1/shelf/items']?.post;
    expect(add?.parameters).toContainEqual({ $ref: '#/components/parameters/IdempotencyKey' });
    expect(Object.keys(add?.responses ?? {})).toEqual(['201', '400', '401', '409', '422', '500', '503', '504']);
  });

  it('has the schemas of bodies as they are sent, of answers as they are received', () => {
    const put = document.paths['/v1/trees/{sku}']?.put;
    expect(put?.requestBody).toMatchObject({ required: true, content: { 'application/json': { schema: {
      type: 'object', additionalProperties: false, required: ['name', 'leaves'],
      properties: { leaves: { type: 'array', maxItems: 2_000, items: { properties: { quantity: { type: 'integer', minimum: 1, maximum: 1_000 } } } } },
    } } } });
    const list = document.paths['/v1/trees']?.get;
    expect(list?.parameters).toContainEqual(expect.objectContaining({ name: 'limit', in: 'query', required: false, schema: expect.objectContaining({ default: 20, minimum: 1, maximum: 100 }) }));
    expect(JSON.stringify(document)).not.toContain('"exclusiveMinimum":true');
  });

  it('is a page that loads everything from here', async () => {
    const page = await fetch(`${sample.url}/docs`);
    const html = await page.text();
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
    const loaded = [...html.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, address = '']) => address);
    expect(loaded.length).toBeGreaterThan(3);
    for (const address of loaded) {
      const answer = await fetch(new URL(address, `${sample.url}/docs`));
      expect([address, answer.status, new URL(answer.url).origin]).toEqual([address, 200, sample.url]);
    }
    expect(html).not.toMatch(/<script>[^<]/);
  });

  it('explains every problem at its type', async () => {
    const answer = await fetch(`${sample.url}/problems/too-many-leaves`);
    expect(await answer.json()).toEqual({ type: '/problems/too-many-leaves', code: 'too-many-leaves', title: 'Too many leaves', status: 409, retryable: false, help: expect.any(String) });
    expect((await fetch(`${sample.url}/problems/none-such`)).status).toBe(404);
    const all = await (await fetch(`${sample.url}/problems`)).json() as { data: { code: string }[] };
    expect(all.data.map(({ code }) => code)).toEqual(expect.arrayContaining(['invalid-input', 'shelf-full', 'unauthenticated']));
  });
});

describe('readiness', () => {
  it('depends on the checks that were added, and says which is down, without its inside', async () => {
    const sample = await sampleApp();
    try {
      const { HealthChecks } = await import('../../observability/index.js');
      const checks = sample.app.get(HealthChecks);
      checks.add({ name: 'bus', check: async () => ({ is: 'degraded', because: 'is slow' }) });
      const degraded = await fetch(`${sample.url}/health/ready`);
      expect([degraded.status, await degraded.json()]).toEqual([200, { status: 'degraded', checks: { lifecycle: { status: 'up' }, bus: { status: 'degraded', message: 'is slow' } } }]);
      checks.add({ name: 'database:orders', check: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:5432')) });
      const down = await fetch(`${sample.url}/health/ready`);
      const body = await down.text();
      expect([down.status, down.headers.get('retry-after')]).toEqual([503, '1']);
      expect(JSON.parse(body)).toMatchObject({ code: 'not-ready', detail: expect.stringContaining('database:orders cannot be reached'), checks: { 'database:orders': { status: 'down' } } });
      expect(body).not.toContain('10.0.0.7');
      expect((await fetch(`${sample.url}/health/live`)).status).toBe(200);
    } finally {
      await sample.close();
    }
  });
});

describe('startup', () => {
  it('is finished when requests are accepted, not before', async () => {
    const sample = await sampleApp({ listen: false });
    try {
      const startup = await sample.app.inject({ method: 'GET', url: '/health/startup' });
      const ready = await sample.app.inject({ method: 'GET', url: '/health/ready' });
      expect([startup.statusCode, ready.statusCode]).toEqual([503, 503]);
      expect(ready.json()).toMatchObject({ detail: expect.stringContaining('still starting') });
    } finally {
      await sample.close();
    }
  });
});
