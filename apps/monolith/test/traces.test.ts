import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CollectedSpan, type TestBroker, type TestDatabase, TraceCollector, eventually, testBroker, testDatabase } from '@banyan/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { contexts } from '../contexts.js';
import { ShopProcess } from './shop-process.js';
import { type Person, Shopping } from './shop.js';

/** Two processes and one collector: the shop, and payments lifted out of it. */
describe('the traces of the shop with payments in a process of its own', () => {
  let collector: TraceCollector;
  let broker: TestBroker;
  let storage: TestDatabase;
  let dataDir: string;
  let monolith: ShopProcess;
  let payments: ShopProcess;
  let shop: Shopping;
  let customer: Person;
  let sku: string;
  beforeAll(async () => {
    [collector, broker, storage, dataDir] = await Promise.all([TraceCollector.start(), testBroker(), testDatabase(), mkdtemp(join(tmpdir(), 'banyan-traces-'))]);
    const environment = {
      DATA_DIR: dataDir, DATABASE_URL: storage.url, EVENT_BUS: 'rabbitmq', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    };
    monolith = await ShopProcess.start(environment);
    payments = await ShopProcess.start(environment, 'extracted/payments');
    shop = await Shopping.at(monolith.url, await monolith.operator());
    const moved = await shop.send('POST', '/ops/v1/stages/payments', { token: shop.staff.token, body: { stage: 'live', reason: 'a test' } });
    if (moved.status !== 201) throw new Error(`Payments did not move: ${JSON.stringify(moved.body)}`);
    [customer, sku] = [await shop.customer(), await shop.article({ price: 250 })];
  }, 90_000);
  afterAll(async () => {
    await payments.kill('SIGTERM');
    await monolith.kill('SIGTERM');
    await collector.stop();
    await storage.drop();
    await rm(dataDir, { recursive: true });
    await broker.drop(contexts.map(({ name }) => name));
  }, 60_000);

  const traceIn = (headers: Headers): string => headers.get('traceparent')?.split('-')[1] ?? 'none';
  const orphans = (spans: readonly CollectedSpan[]): string[] => {
    const ids = new Set(spans.map(({ spanId }) => spanId));
    return spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? '')).map(({ name }) => name);
  };
  const seen = (spans: readonly CollectedSpan[]): string[] => spans.map(({ service, name }) => `${String(service)}: ${name}`);

  it('one order is one trace, across processes, and every span but the first comes from another one', async () => {
    const answer = await shop.send('POST', '/v1/orders', { token: customer.token, body: { lines: [{ sku, quantity: 2 }] } });
    const traceId = traceIn(answer.headers);
    expect(await shop.settled(answer.body.id, 60_000)).toMatchObject({ status: 'confirmed' });
    const wanted = [
      'monolith: POST /v1/orders', 'monolith: catalog.price-products', 'monolith: INSERT orders', 'monolith: COMMIT',
      'monolith: checkout reserve-stock', 'monolith: inventory.reserve-stock', 'monolith: checkout authorize-payment', 'monolith: checkout confirm',
      'payments: payments.authorize-payment', 'monolith: payments.authorize-payment', 'payments: INSERT payment', 'payments: payments.capture-payment',
      'monolith: process ordering.order-placed', 'monolith: process ordering.order-confirmed', 'monolith: process payments.payment-captured',
    ];
    await eventually(() => {
      expect(seen(collector.ofTrace(traceId))).toEqual(expect.arrayContaining(wanted));
      expect(orphans(collector.ofTrace(traceId))).toEqual(['POST /v1/orders']);
    }, 30_000);
    const spans = collector.ofTrace(traceId);
    const [placing] = spans.filter(({ name }) => name === 'POST /v1/orders');
    expect(placing).toMatchObject({ kind: 2, attributes: { 'http.route': '/v1/orders', 'http.request.method': 'POST', 'http.response.status_code': 202, 'banyan.context': 'ordering' } });
    const calls = [['monolith', 3], ['payments', 2], ['payments', 1]] as const;
    const [asking, taking, handling] = calls.map(([service, kind]) => spans.find((it) => it.service === service && it.kind === kind && it.name === 'payments.authorize-payment'));
    expect([taking?.parentSpanId, handling?.parentSpanId]).toEqual([asking?.spanId, taking?.spanId]);
    expect(asking?.attributes).toMatchObject({ 'rpc.method': 'payments.authorize-payment', 'peer.service': 'payments' });
    expect(JSON.stringify(spans)).not.toMatch(new RegExp(`${customer.id}|@shop.example|${sku}`));
  }, 90_000);

  it('that payments moved is no warning in anybody\'s log', async () => {
    const warnings = () => [...monolith.lines, ...payments.lines].filter(({ level }) => level === 'warn' || level === 'error').map(({ service, msg }) => `${String(service)}: ${String(msg)}`);
    await eventually(() => { expect(monolith.lines).toContainEqual(expect.objectContaining({ msg: 'The connection to RabbitMQ is made anew.', why: 'Other lanes fall to this process now.' })); });
    expect(warnings()).toEqual([]);
  });

  it('a request that is sent on to payments is one trace with the one that its client is in', async () => {
    const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    const { status } = await shop.send('GET', '/v1/payments?orderId=nobody', { token: shop.staff.token, headers: { traceparent: `00-${traceId}-${spanId}-01` } });
    expect(status).toBe(400);
    const route = 'GET /v1/payments';
    await eventually(() => { expect(seen(collector.ofTrace(traceId))).toEqual(expect.arrayContaining([`monolith: ${route}`, `payments: ${route}`])); });
    const requests = [['monolith', 2], ['monolith', 3], ['payments', 2]] as const;
    const [served, sentOn, answered] = requests.map(([service, kind]) => collector.ofTrace(traceId).find((it) => it.service === service && it.kind === kind && it.name === route));
    expect([served?.parentSpanId, sentOn?.parentSpanId, answered?.parentSpanId]).toEqual([spanId, served?.spanId, sentOn?.spanId]);
    expect(answered?.attributes).toMatchObject({ 'http.response.status_code': 400, 'error.type': '400' });
  }, 60_000);

  it('the log lines of a trace are found by its id, in both processes', async () => {
    const answer = await shop.send('POST', '/v1/orders', { token: customer.token, body: { lines: [{ sku, quantity: 1 }] } });
    const traceId = traceIn(answer.headers);
    await shop.settled(answer.body.id, 60_000);
    await eventually(() => {
      for (const { lines } of [monolith, payments]) expect(lines.filter((line) => line['traceId'] === traceId).length).toBeGreaterThan(0);
      expect(collector.ofTrace(traceId).length).toBeGreaterThan(0);
    });
  }, 60_000);

  it('nobody who only watches the processes begins a trace', async () => {
    for (const path of ['/health/ready', '/metrics', '/openapi.json', '/nowhere']) await shop.send('GET', path);
    expect(collector.spans.filter(({ name }) => /health|metrics|openapi|none/.test(name))).toEqual([]);
  });
});
