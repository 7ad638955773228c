import { describe, it, expect, beforeEach, afterEach } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Unavailable } from '../contract/index.js';
import { HealthChecks, Lifecycle, observabilityModule, type Health } from './index.js';

describe('readiness', () => {
  let app: INestApplicationContext;
  let checks: HealthChecks;
  beforeEach(async () => {
    app = await NestFactory.createApplicationContext(observabilityModule({ service: 'test', level: 'silent' }), { logger: false });
    checks = app.get(HealthChecks);
    app.get(Lifecycle).ready();
  });
  afterEach(async () => { await app.close(); });

  it('is down with what is down, degraded with what is degraded, and names both', async () => {
    checks.add({ name: 'a', check: async () => ({ is: 'up' }) });
    checks.add({ name: 'b', check: async () => ({ is: 'degraded', because: 'is behind' }) });
    expect(await checks.readiness()).toMatchObject({ status: 'degraded', checks: { a: { status: 'up' }, b: { status: 'degraded', message: 'is behind' } } });
    checks.add({ name: 'c', check: async () => ({ is: 'down', because: 'is broken' }) });
    expect(await checks.readiness()).toMatchObject({ status: 'error', checks: { lifecycle: { status: 'up' }, b: { status: 'degraded' }, c: { status: 'down', message: 'is broken' } } });
  });

  it('shows the text of a catalogued error, and hides that of any other', async () => {
    checks.add({ name: 'ours', check: () => Promise.reject(new Unavailable('The bus is away.')) });
    checks.add({ name: 'theirs', check: () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7')) });
    checks.add({ name: 'sync', check: () => { throw new Error('at once'); } });
    expect((await checks.readiness()).checks).toMatchObject({ ours: { message: 'The bus is away.' }, theirs: { message: 'cannot be reached' }, sync: { message: 'cannot be reached' } });
  });

  it('does not wait for a check that hangs, and tells it to give up', async () => {
    let toldToGiveUp = false;
    checks.add({ name: 'hangs', check: (signal) => new Promise<Health>(() => { signal.addEventListener('abort', () => { toldToGiveUp = true; }); }) });
    expect((await checks.readiness()).checks).toMatchObject({ hangs: { status: 'down', message: 'did not answer within 2000 ms' } });
    expect(toldToGiveUp).toBe(true);
  });

  it('is asked for once by any number of probes at the same time', async () => {
    let asked = 0;
    checks.add({ name: 'counted', check: async () => { asked += 1; return { is: 'up' }; } });
    await Promise.all(Array.from({ length: 50 }, () => checks.readiness()));
    expect(asked).toBe(1);
    await checks.readiness();
    expect(asked).toBe(2);
  });

  it('is gone for good once draining has begun', async () => {
    const lifecycle = app.get(Lifecycle);
    let told = 0;
    lifecycle.draining.subscribe(() => { told += 1; });
    lifecycle.drain();
    lifecycle.drain();
    lifecycle.ready();
    expect([lifecycle.state, told]).toEqual(['draining', 1]);
    expect((await checks.readiness()).checks).toMatchObject({ lifecycle: { status: 'down', message: 'is draining, about to stop' } });
  });
});
