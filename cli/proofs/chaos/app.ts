import { ContextHost } from '@banyan/kernel/context';
import { observabilityModule } from '@banyan/kernel/observability';
import { runInput } from '@banyan/kernel/runtime';
import { NestFactory } from '@nestjs/core';
import { houseContexts } from '../house/contexts.js';
import { shopContract } from '../house/words.js';
import type { AppSettings, Asked, Told } from './messages.js';
import { transportOf } from './transport.js';

/** Nobody waits longer for a dead relay, lane or executor than this, so that many deaths fit into a minute. */
const LEASE_MS = 2_000;

/**
 * The hidden command of an app process: all contexts of the house, with bus and sagas, on one database. It does what its
 * driver asks for, until it is killed; when the driver is gone, it goes too.
 */
export async function chaosApp([json = '{}']: readonly string[]): Promise<number> {
  process.once('disconnect', () => process.exit(0));
  const settings = JSON.parse(json) as AppSettings;
  const transport = transportOf(settings);
  const host = await ContextHost.open(houseContexts, {
    databaseUrl: () => settings.databaseUrl, poolSize: 8, ...(transport && { transport }),
    messaging: { leaseMs: LEASE_MS, pollMs: 250, longestDelayMs: 2_000, longestPauseMs: 2_000, attempts: 1_000 },
    sagas: { leaseMs: LEASE_MS, pollMs: 250, attemptMs: 5_000, longestPauseMs: 2_000 },
  });
  class App {}
  const app = await NestFactory.createApplicationContext({ module: App, imports: [observabilityModule({ service: `app ${process.pid}`, level: 'warn' }), ...host.modules()] }, { logger: ['error', 'fatal'], abortOnError: false });
  await app.init();
  const shop = host.clientOf(shopContract);
  process.on('message', ({ ticket, orderId, customer }: Asked) => {
    runInput({}, () => shop.place({ orderId, customer }, { idempotencyKey: `place ${orderId}` }))
      .then(() => tell({ is: 'placed', ticket }), (error: unknown) => tell({ is: 'failed', ticket, error: String(error) }));
  });
  tell({ is: 'ready' });
  return new Promise(() => {});
}

function tell(told: Told): void {
  if (process.connected) process.send?.(told);
}
