import { BanyanError } from '@banyan/kernel/contract';
import { logger } from '@banyan/kernel/observability';
import { wallClock } from '@banyan/kernel/runtime';
import { banner } from './banner.js';
import { type Config, InvalidConfiguration, readConfig } from './config.js';
import { seedShop } from './seed.js';
import { CannotStart, startMonolith } from './start-monolith.js';

/** Problems that a person can solve get their message; anything else is a defect and shows where it happened. */
function explain(error: unknown): string {
  const isForPeople = error instanceof InvalidConfiguration || error instanceof CannotStart || error instanceof BanyanError;
  if (isForPeople) return error.message;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

async function main(config: Config): Promise<void> {
  const begun = config.launchedAt ?? wallClock.now().getTime();
  const shop = await startMonolith(config);
  stopWhenTold(shop.stop);
  if (!config.production) await seedShop(shop.url, shop.operator);
  const seconds = (wallClock.now().getTime() - begun) / 1_000;
  logger('main').info({ url: shop.url, seconds }, 'The shop is open.');
  if (!config.production) process.stderr.write(`${banner({ url: shop.url, seconds, operator: shop.operator, dataDir: config.dataDir })}\n`);
}

/** The first signal drains and ends the process; a second one ends it at once. */
function stopWhenTold(stop: () => Promise<void>): void {
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      logger('main').info({ signal }, 'Told to stop.');
      stop().then(() => process.exit(0), (error: unknown) => {
        logger('main').fatal({ err: error }, 'Stopping failed.');
        process.exit(1);
      });
    });
  }
}

try {
  await main(readConfig(process.env));
} catch (error) {
  process.stderr.write(`\nThe shop did not start.\n\n${explain(error)}\n\n`);
  process.exit(1);
}
