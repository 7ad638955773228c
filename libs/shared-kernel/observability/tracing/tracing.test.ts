import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { defineError } from '../../contract/index.js';
import { currentInput, requireInput, runInput } from '../../runtime/index.js';
import { TraceCollector, eventually } from '../../testing/index.js';
import { configureLog, logger } from '../log.js';
import { type SpanFacts, inSpan, noteWork, openSpan, runTraced } from './span.js';
import { type Tracing, startTracing } from './tracing.js';

const Declined = defineError({ code: 'declined-in-a-test', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'For a test.' });

const called = (name: string): SpanFacts => ({ kind: 'internal', name, attributes: { 'banyan.test': name } });
const untouched = (): SpanFacts => { throw new Error('Nobody records spans, and yet somebody was asked what one is.'); };

let collector: TraceCollector;
let tracing: Tracing | undefined;
beforeEach(async () => { collector = await TraceCollector.start(); });
afterEach(async () => {
  await tracing?.stop();
  tracing = undefined;
  await collector.stop();
});

const start = async (ratio = 1): Promise<void> => { tracing = await startTracing({ service: 'shop', endpoint: collector.url, ratio }); };
/** What a stop sends. */
async function sent(): Promise<TraceCollector['spans']> {
  await tracing?.stop();
  return collector.spans;
}

describe('without a collector', () => {
  it('work is done as ever, and nobody asks what a span would say', async () => {
    const work = async (): Promise<string> => 'done';
    expect(await runTraced({}, untouched, '', async () => inSpan(untouched, '', work))).toBe('done');
    runInput({}, () => {
      noteWork(untouched, '', work());
      expect(openSpan(untouched, '')).toBeUndefined();
    });
  });
});

describe('with a collector', () => {
  it('a trace has the id that stands in the log, and each span the one that it comes from', async () => {
    await start();
    const written: string[] = [];
    configureLog({ level: 'info', destination: { write: (line) => written.push(line) } });
    await runTraced({ context: 'payments', correlationId: 'c-1' }, called, 'request', async () => {
      await inSpan(called, 'step', async () => {
        logger('test').info({}, 'Here.');
        noteWork(called, 'statement', pause(1));
        await pause(2);
      });
    });
    configureLog({ level: 'fatal' });
    const spans = await sent();
    const of = (name: string) => spans.find((it) => it.name === name);
    expect(spans.map(({ name, service }) => [name, service])).toEqual([['statement', 'shop'], ['step', 'shop'], ['request', 'shop']]);
    expect([of('request')?.parentSpanId, of('step')?.parentSpanId, of('statement')?.parentSpanId]).toEqual([undefined, of('request')?.spanId, of('step')?.spanId]);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ traceId: of('request')?.traceId, spanId: of('step')?.spanId });
    expect(of('step')?.attributes).toEqual({ 'banyan.context': 'payments', 'banyan.correlation_id': 'c-1', 'banyan.test': 'step' });
  });

  it('goes on where another process left off, and tells the next one', async () => {
    await start();
    const [traceId, spanId] = ['a'.repeat(32), 'b'.repeat(16)];
    const next = await runTraced({ traceparent: `00-${traceId}-${spanId}-01` }, called, 'call', async () => requireInput().traceparent);
    const [span] = await sent();
    expect(span).toMatchObject({ traceId, parentSpanId: spanId });
    expect(next).toBe(`00-${traceId}-${span?.spanId}-01`);
  });

  it('draws ids for spans from nothing that is pinned', async () => {
    await start();
    await runTraced({ inputId: 'pinned' }, called, 'request', async () => inSpan(called, 'step', async () => { expect(currentInput()).toMatchObject({ inputId: 'pinned', ordinals: new Map() }); }));
  });

  it('leaves out the traces that were left out elsewhere, and work that belongs to no recorded trace', async () => {
    await start();
    const traceparent = await runTraced({ traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` }, untouched, '', async () => requireInput().traceparent);
    expect(traceparent).toMatch(/-00$/);
    runInput({}, () => noteWork(untouched, '', Promise.resolve()));
    noteWork(untouched, '', Promise.resolve());
    expect(await inSpan(untouched, '', async () => 'outside of any input')).toBe('outside of any input');
    expect(await sent()).toEqual([]);
  });

  it('records the wanted share of the traces that begin here: each of them whole, or not at all', async () => {
    await start(0.5);
    const flags = await Promise.all(Array.from({ length: 400 }, () => runTraced({}, called, 'request', () => inSpan(called, 'step', async () => requireInput().traceparent.slice(-2)))));
    const spans = await sent();
    const recorded = flags.filter((it) => it === '01').length;
    expect(recorded).toBeGreaterThan(120);
    expect(recorded).toBeLessThan(280);
    expect(spans).toHaveLength(2 * recorded);
    expect(new Set(spans.map((it) => it.traceId)).size).toBe(recorded);
  });

  it('says what went wrong by its code, and whose fault it was, but never in the words of the error', async () => {
    await start();
    const errors = [new Declined('ada@shop.example has no money.'), Object.assign(new Error('Key (email)=(ada@shop.example) already exists.'), { code: '23505' }), new RangeError('ada@shop.example')];
    for (const error of errors) await expect(runTraced({}, called, 'request', async () => { throw error; })).rejects.toBe(error);
    const spans = await sent();
    expect(spans.map(({ status, attributes }) => [attributes['error.type'], status?.code ?? 0])).toEqual([['declined-in-a-test', 0], ['23505', 2], ['RangeError', 2]]);
    expect(JSON.stringify(spans)).not.toContain('ada@shop.example');
  });
});

describe('a collector that is away', () => {
  const lines: { readonly level: string; readonly msg: string; readonly lost?: number }[] = [];
  beforeEach(() => {
    lines.length = 0;
    configureLog({ level: 'info', destination: { write: (line) => lines.push(JSON.parse(line)) } });
  });
  afterEach(() => configureLog({ level: 'fatal' }));

  it('is told of once, and once when it is back', async () => {
    await start();
    collector.status = 400;
    for (const n of [1, 2, 3]) {
      await runTraced({}, called, `span ${n}`, async () => undefined);
      await eventually(() => { expect(collector.requests).toBeGreaterThanOrEqual(n); });
    }
    collector.status = 200;
    await runTraced({}, called, 'after', async () => undefined);
    expect(await sent()).toMatchObject([{ name: 'after' }]);
    expect(lines.map(({ level, lost }) => [level, lost])).toEqual([['warn', undefined], ['info', 3]]);
  });

  it('and refuses connections does not keep a stop, and the log tells', async () => {
    const doomed = await startTracing({ service: 'shop', endpoint: 'http://127.0.0.1:1', ratio: 1 });
    await runTraced({}, called, 'lost', async () => undefined);
    await doomed.stop();
    await eventually(() => { expect(lines.map(({ level }) => level)).toEqual(['warn']); });
  });

  it('and never answers keeps a stop for three seconds, and no longer', async () => {
    const open: Socket[] = [];
    const silent = createServer((socket) => open.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const doomed = await startTracing({ service: 'shop', endpoint: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, ratio: 1 });
    await runTraced({}, called, 'lost', async () => undefined);
    // No time passes but what the test lets pass.
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime', 'Date'] });
    try {
      const over = jest.fn();
      const stopped = doomed.stop().then(over);
      while (open.length === 0) await new Promise((resolve) => { setImmediate(resolve); });
      await jest.advanceTimersByTimeAsync(2_999);
      expect(over).not.toHaveBeenCalled();
      await jest.advanceTimersByTimeAsync(1);
      expect(over).toHaveBeenCalled();
      await stopped;
    } finally {
      jest.useRealTimers();
      // An answer after all, so that nobody tries again.
      for (const socket of open) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      silent.close();
    }
  });
});
