import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContextHost } from '@banyan/kernel/context';
import { observabilityModule } from '@banyan/kernel/observability';
import { startEmbeddedDatabase } from '@banyan/kernel/persistence';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Producer, heard, soakContexts } from './contexts.js';
import { Gauge } from './sizes.js';
import { type Stretch, megabytes, worsened } from './verdict.js';

const PRODUCERS = 6;
const KEYS_EACH = 400;
const PER_TRANSACTION = 100;
/** Producers wait while so many events are on their way: the outbox is bounded by what listens. */
const MOST_UNDER_WAY = 10_000;
/** Far shorter than in the shop, so that what is remembered is forgotten many times within the run. */
const RETENTION_MS = 30_000;
const STALLED_MS = 60_000;
const STRETCHES = 40;
const FEWEST_STRETCHES = 10;

export interface SoakPlan {
  readonly events: number;
  readonly say: (line: string) => void;
}

export interface SoakReport {
  readonly broken: readonly string[];
  readonly survived: string;
}

/** Sends so many events from one context to another and watches whether tables or times grow. */
export async function soakOutbox({ events, say }: SoakPlan): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), `banyan-soak-${process.pid}-`));
  await chmod(folder, 0o755); // PostgreSQL runs as somebody else where we are root
  const database = await startEmbeddedDatabase({ dataDir: folder });
  try {
    const app = await startApp(database.url);
    const gauge = await Gauge.open(database.url);
    try {
      return await flow(app.get(Producer, { strict: false }), gauge, events, say);
    } finally {
      await gauge.close();
      await app.close();
    }
  } finally {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function startApp(url: string): Promise<INestApplicationContext> {
  const host = await ContextHost.open(soakContexts, { databaseUrl: () => url, messaging: { retentionMs: RETENTION_MS, purgeEveryMs: RETENTION_MS / 6 } });
  class App {}
  const app = await NestFactory.createApplicationContext(
    { module: App, imports: [observabilityModule({ service: 'soak', level: 'warn' }), ...host.modules()] }, { logger: ['error', 'fatal'], abortOnError: false },
  );
  return app.init();
}

async function flow(producer: Producer, gauge: Gauge, events: number, say: (line: string) => void): Promise<SoakReport> {
  const sent = { count: 0 };
  const producing = Array.from({ length: PRODUCERS }, (_, at) => produce(producer, at, sent, events));
  const stretches: Stretch[] = [];
  const began = performance.now();
  let warmUp = 0;
  for (let stretch = 1; stretch <= STRETCHES; stretch += 1) {
    const from = { count: heard.count, at: performance.now() };
    await untilHeard(Math.round((events * stretch) / STRETCHES));
    const perSecond = (heard.count - from.count) / ((performance.now() - from.at) / 1_000);
    const sizes = await gauge.sizes();
    stretches.push({ ...sizes, perSecond });
    if (performance.now() - began < RETENTION_MS * 3) warmUp = stretch;
    say(`${heard.count.toLocaleString('en').padStart(12)} events  ${Math.round(perSecond).toLocaleString('en').padStart(8)}/s  outbox ${megabytes(sizes.outboxBytes).padStart(9)}  inbox ${megabytes(sizes.inboxBytes).padStart(9)}  ${sizes.deadRows} dead rows`);
  }
  await Promise.all(producing);
  const seconds = (performance.now() - began) / 1_000;
  const { committed, accepted } = await gauge.tally();
  const lost = committed === accepted && committed === sent.count ? [] : [`Of ${sent.count} events ${committed} were committed and ${accepted} accepted.`];
  const isLong = stretches.length - warmUp >= FEWEST_STRETCHES;
  const compared = isLong ? 'size and speed at the end as at the start' : 'too short a run to compare its end with its start, which takes five minutes or more';
  return {
    broken: [...lost, ...(isLong ? worsened(stretches, warmUp) : [])],
    survived: `${accepted.toLocaleString('en')} events in ${Math.round(seconds)} s, ${Math.round(accepted / seconds).toLocaleString('en')} per second, each once and in order; ${compared}`,
  };
}

/** Goes around its own keys, so that no other producer is in its way. */
async function produce(producer: Producer, which: number, sent: { count: number }, events: number): Promise<void> {
  const keys = Array.from({ length: KEYS_EACH }, (_, at) => `${which}-${at}`);
  for (let at = 0; sent.count < events; at = (at + PER_TRANSACTION) % KEYS_EACH) {
    while (sent.count - heard.count > MOST_UNDER_WAY) await sleep(2);
    const batch = keys.slice(at, at + Math.min(PER_TRANSACTION, events - sent.count));
    sent.count += batch.length;
    await producer.next(batch);
  }
}

/** @throws Error when nothing is heard for a minute */
async function untilHeard(count: number): Promise<void> {
  let last = { count: heard.count, at: performance.now() };
  while (heard.count < count) {
    await sleep(20);
    if (heard.count > last.count) last = { count: heard.count, at: performance.now() };
    if (performance.now() - last.at > STALLED_MS) throw new Error(`Nothing was heard for ${STALLED_MS / 1_000} s after ${heard.count} events.`);
  }
}
