import { Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Server as HttpServer } from 'node:http';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BanyanHttpAdapter } from './adapter.js';
import { Lifecycle, logger } from '../observability/index.js';
import { wallClock } from '../runtime/index.js';

/** How long the steps of a stop may take. */
export interface StopSettings {
  /** Milliseconds between saying "draining" at /health/ready and closing the door; as long as a load balancer needs to notice. 0 when left out. */
  readonly announceMs?: number;
  /** Milliseconds that requests under way get to finish; 10,000 when left out. */
  readonly budgetMs?: number;
}

const BUDGET_MS = 10_000;
/** How long an idle connection may take to bring its next request, and how often idle ones are closed after that. */
const IDLE_MS = 250;

const log = logger('http');

/**
 * Stops an app without a lost answer: readiness says draining; the door closes; requests under way, and those
 * that still come on open connections, are answered with `Connection: close`; connections that stay idle are
 * closed; then Nest's shutdown hooks run, which close databases and buses. Connections that are open when the
 * budget is used up are cut, and counted in the log. The app must listen on one address, not on `localhost`,
 * for which Fastify opens a second server that nobody can ask to drain.
 */
export async function stopGracefully(app: NestFastifyApplication, settings: StopSettings = {}): Promise<void> {
  const started = wallClock.ticks();
  log.info({}, 'Stopping: draining requests.');
  app.get(Lifecycle).drain();
  if (settings.announceMs) await pause(settings.announceMs);
  await closeDoor(app, settings.budgetMs ?? BUDGET_MS);
  await app.close();
  log.info({ durationMs: Math.round(wallClock.ticks() - started) }, 'Stopped.');
}

/** Resolves when the last connection is gone. */
async function closeDoor(app: NestFastifyApplication, budgetMs: number): Promise<void> {
  const server: HttpServer = app.getHttpServer();
  const adapter = app.getHttpAdapter();
  if (!server.listening) return;
  const { promise: empty, resolve } = Promise.withResolvers<void>();
  // The HTTP server's own close() also closes idle connections at once: a request that is on its way on one
  // of them would be reset. Only the listening socket is closed here.
  Server.prototype.close.call(server, () => resolve());
  const budget = setTimeout(() => cutOff(server, budgetMs), budgetMs);
  const sweep = setInterval(() => (adapter instanceof BanyanHttpAdapter ? adapter : server).closeIdleConnections(), Math.min(IDLE_MS, budgetMs / 2));
  await empty;
  clearInterval(sweep);
  clearTimeout(budget);
}

function cutOff(server: HttpServer, budgetMs: number): void {
  server.getConnections((_error, count) => {
    log.warn({ count, budgetMs }, 'Requests did not finish in time; their connections are cut.');
    server.closeAllConnections();
  });
}
