import { describe, it, expect, afterEach } from '@jest/globals';
import { Agent as HttpAgent, get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Injectable, Module, type BeforeApplicationShutdown, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { stopGracefully } from '../index.js';
import { readText } from './read-text.js';
import { sampleApp, type SampleApp } from './sample-app.js';
import { until } from './until.js';

describe('a process that stops', () => {
  let sample: SampleApp;
  const agents: HttpAgent[] = [];
  afterEach(async () => {
    for (const agent of agents.splice(0)) agent.destroy();
    await sample.close();
  });

  /** A client with one connection that it keeps open, as a load balancer does. */
  function client(): (path: string) => Promise<{ status: number; connection: string | undefined; body: string }> {
    const agent = new HttpAgent({ keepAlive: true, maxSockets: 1 });
    agents.push(agent);
    return (path) => new Promise((resolve, reject) => {
      const read = (answer: IncomingMessage): void => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, connection: answer.headers.connection, body: Buffer.concat(chunks).toString() }));
      };
      get(`${sample.url}${path}`, { agent }, read).on('error', reject);
    });
  }

  const reachable = () => new Promise<boolean>((resolve) => {
    const socket = connect(Number(new URL(sample.url).port), '127.0.0.1', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });

  it('says so at its readiness first, still serving who comes', async () => {
    sample = await sampleApp();
    const [prober, customer] = [client(), client()];
    expect((await prober('/health/ready')).status).toBe(200);
    const stopped = stopGracefully(sample.app, { announceMs: 1_500 });
    const ready = await prober('/health/ready');
    expect([ready.status, ready.connection]).toEqual([503, 'close']);
    expect(JSON.parse(ready.body)).toMatchObject({ code: 'not-ready', detail: expect.stringContaining('draining'), checks: { lifecycle: { status: 'down' } } });
    expect(await customer('/health/live')).toMatchObject({ status: 200, connection: 'close' });
    await stopped;
    expect(await reachable()).toBe(false);
  });

  it('finishes what is under way and takes nothing new', async () => {
    sample = await sampleApp();
    const slow = Promise.all(Array.from({ length: 20 }, () => client()('/v1/odd/gate')));
    await until(() => sample.gate.waiting === 20);
    const stopped = stopGracefully(sample.app);
    await until(async () => !await reachable());
    sample.gate.open();
    for (const answer of await slow) expect(answer).toMatchObject({ status: 200, connection: 'close' });
    await stopped;
  });

  it('answers a request on a connection that was idle, without a reset', async () => {
    sample = await sampleApp();
    const again = client();
    await again('/health/live');
    const slow = client()('/v1/odd/gate');
    await until(() => sample.gate.waiting === 1);
    const stopped = stopGracefully(sample.app);
    expect(await again('/v1/trees/B-1')).toMatchObject({ status: 200, connection: 'close' });
    expect(await reachable()).toBe(false);
    sample.gate.open();
    await Promise.all([slow, stopped]);
  });

  it('does not wait for connections on which nothing happens, used or not', async () => {
    sample = await sampleApp();
    await client()('/health/live');
    const unused = connect(Number(new URL(sample.url).port), '127.0.0.1');
    await until(async () => await openConnections() === 2);
    const started = performance.now();
    await stopGracefully(sample.app, { budgetMs: 20_000 });
    expect(performance.now() - started).toBeLessThan(5_000);
    unused.destroy();
  });

  it('ends event streams, whose clients come back elsewhere', async () => {
    sample = await sampleApp();
    const stream = readText(await fetch(`${sample.url}/v1/odd/ticks`));
    await stream.until('data: 0');
    const ended = stream.end();
    const started = performance.now();
    await stopGracefully(sample.app, { budgetMs: 20_000 });
    await ended;
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('cuts what does not finish within the budget, and says how many', async () => {
    sample = await sampleApp();
    const endless = client()('/v1/odd/gate').then(() => 'answered', () => 'cut');
    await until(() => sample.gate.waiting === 1);
    await stopGracefully(sample.app, { budgetMs: 100 });
    expect(await endless).toBe('cut');
    expect(sample.lines().find((it) => it['level'] === 'warn')).toMatchObject({ count: 1, budgetMs: 100 });
  });

  it('runs hooks in this order: init, bootstrap, ready; then drained, destroy, before shutdown, shutdown', async () => {
    const seen: string[] = [];

    @Injectable()
    class Witness implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
      onModuleInit(): void { seen.push('init'); }
      onApplicationBootstrap(): void { seen.push('bootstrap'); }
      onModuleDestroy(): void { seen.push('destroy'); }
      beforeApplicationShutdown(): void { seen.push('before shutdown'); }
      onApplicationShutdown(): void { seen.push('shutdown'); }
    }

    @Module({ providers: [Witness] })
    class WitnessModule {}

    sample = await sampleApp({ imports: [WitnessModule] });
    seen.push((await client()('/health/startup')).status === 200 ? 'ready' : 'not ready');
    const slow = client()('/v1/odd/gate').then(() => seen.push('drained'));
    await until(() => sample.gate.waiting === 1);
    const stopped = stopGracefully(sample.app);
    sample.gate.open();
    await Promise.all([slow, stopped]);
    expect(seen).toEqual(['init', 'bootstrap', 'ready', 'drained', 'destroy', 'before shutdown', 'shutdown']);
  });

  function openConnections(): Promise<number> {
    return new Promise((resolve, reject) => {
      sample.app.getHttpServer().getConnections((error: Error | null, count: number) => (error ? reject(error) : resolve(count)));
    });
  }
});
