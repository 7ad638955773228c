import { describe, it, expect, beforeAll, afterAll } from '@jest/globals';
import { readText } from './read-text.js';
import { sampleApp, type SampleApp } from './sample-app.js';
import { until } from './until.js';

interface Echo {
  before: string;
  correlationId: string;
  traceId: string;
  context: string;
  principal?: { id: string };
}

describe('the input of a request', () => {
  let sample: SampleApp;
  beforeAll(async () => { sample = await sampleApp(); });
  afterAll(async () => { await sample.close(); });

  const echo = (headers: Record<string, string>, wait = 0) => fetch(`${sample.url}/v1/odd/echo`, {
    method: 'POST', body: JSON.stringify({ wait }), headers: { 'content-type': 'application/json', ...headers },
  });

  it('takes the correlation id that the caller gives', async () => {
    const answer = await echo({ 'x-correlation-id': 'checkout:42_a.b-c' });
    expect(answer.headers.get('x-correlation-id')).toBe('checkout:42_a.b-c');
    expect(await answer.json()).toMatchObject({ correlationId: 'checkout:42_a.b-c', context: 'app' });
  });

  it.each([['with a space', 'a b'], ['too long', 'x'.repeat(129)], ['with a quote', '"'], ['empty', '']])('makes one up for one that is %s', async (_what, given) => {
    const answer = await echo({ 'x-correlation-id': given });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });

  it('continues the trace of the caller with a span of its own', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const answer = await echo({ traceparent: `00-${traceId}-00f067aa0ba902b7-01` });
    expect(answer.headers.get('traceparent')).toMatch(new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    expect(((await answer.json()) as Echo).traceId).toBe(traceId);
  });

  it('starts a trace when the one that comes is malformed', async () => {
    const answer = await echo({ traceparent: '00-zz-yy-01' });
    expect(answer.headers.get('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  it('is the same for handler, log, answer and errors of one request, and never another one, with hundreds under way', async () => {
    const names = Array.from({ length: 300 }, (_, i) => `request-${i}`);
    const tokens = await Promise.all(names.map((sub) => sample.issuer.bearer({ sub })));
    const answers = await Promise.all(names.map(async (name, i) => {
      const headers = { 'x-correlation-id': name, ...(i % 2 ? { authorization: tokens[i] ?? '' } : {}) };
      const answer = await echo(headers, (i * 7) % 23);
      return { name, sent: answer.headers.get('x-correlation-id'), seen: await answer.json() as Echo };
    }));
    for (const { name, sent, seen } of answers) {
      expect([sent, seen.before, seen.correlationId]).toEqual([name, name, name]);
    }
    expect(answers.filter((_, i) => i % 2).map(({ seen }) => seen.principal?.id)).toEqual(names.filter((_, i) => i % 2));
    expect(answers.some(({ seen }, i) => i % 2 === 0 && seen.principal)).toBe(false);
    await until(() => sample.lines().filter((it) => String(it['correlationId']).startsWith('request-') && it['logger'] === 'http').length === 300);
    for (const { name, seen } of answers) {
      const lines = sample.lines().filter((it) => it['correlationId'] === name);
      expect(lines.map((it) => [it['logger'], it['msg'], it['traceId']])).toEqual([
        ['Trees', 'Echoing.', seen.traceId], ['http', 'Request answered.', seen.traceId],
      ]);
    }
  });

  it('holds for errors of the body too', async () => {
    const answer = await fetch(`${sample.url}/v1/odd/echo`, { method: 'POST', body: '{', headers: { 'content-type': 'application/json', 'x-correlation-id': 'broken-body' } });
    expect(answer.headers.get('x-correlation-id')).toBe('broken-body');
    await until(() => sample.lines().some((it) => it['correlationId'] === 'broken-body' && it['status'] === 400 && it['problem'] === 'malformed-json'));
  });

  it('is one line in the log, with ids and no query', async () => {
    await fetch(`${sample.url}/v1/trees/B-1?token=secret`, { headers: { 'x-correlation-id': 'one-line', authorization: await sample.issuer.bearer({ sub: 'ada' }) } });
    await until(() => sample.lines().some((it) => it['correlationId'] === 'one-line'));
    const lines = sample.lines().filter((it) => it['correlationId'] === 'one-line');
    expect(lines).toEqual([{
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), level: 'info', service: 'sample', context: 'app', correlationId: 'one-line',
      traceId: expect.stringMatching(/^[0-9a-f]{32}$/), spanId: expect.any(String), logger: 'http', method: 'GET', route: '/v1/trees/:sku',
      path: '/v1/trees/B-1', status: 200, durationMs: expect.any(Number), principalId: 'ada', msg: 'Request answered.',
    }]);
  });

  it('is logged as left when its client goes away', async () => {
    const leaving = new AbortController();
    const answer = fetch(`${sample.url}/v1/odd/gate`, { signal: leaving.signal, headers: { 'x-correlation-id': 'left' } });
    await until(() => sample.gate.waiting === 1);
    leaving.abort();
    await expect(answer).rejects.toThrow('aborted');
    await until(() => sample.lines().some((it) => it['correlationId'] === 'left' && it['aborted'] === true));
  });
});

describe('a deadline', () => {
  let sample: SampleApp;
  beforeAll(async () => { sample = await sampleApp({ settings: { deadlineMs: 80 } }); });
  afterAll(async () => { await sample.close(); });

  it('answers with 504 when a handler takes longer', async () => {
    const answer = await fetch(`${sample.url}/v1/odd/gate`);
    expect([answer.status, await answer.json()]).toEqual([504, expect.objectContaining({ code: 'deadline-exceeded' })]);
  });

  it('does not end an event stream', async () => {
    const answer = await fetch(`${sample.url}/v1/odd/ticks`);
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('x-correlation-id')).toMatch(/.{36}/);
    const stream = readText(answer);
    expect(await stream.until('data: 20')).toContain('data: 0');
    await stream.cancel();
  });
});
