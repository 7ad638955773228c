import { BanyanError } from '../contract/index.js';
import { logger } from '../observability/index.js';
import { wallClock } from '../runtime/index.js';
import { type AppConfig, InvalidConfiguration, readConfig } from './config.js';
import { type AppPlan, CannotStart, type RunningApp, startApp } from './start-app.js';

/**
 * Runs an app as this process: reads the environment, starts, and stops on SIGINT or SIGTERM. If it cannot start, it
 * says why and what to do on standard error and ends the process with 1.
 * @param opened runs when it answers; in development what it returns is shown to the person in front of the terminal
 */
export async function runApp(
  plan: AppPlan, environment: NodeJS.ProcessEnv, opened: (app: RunningApp, config: AppConfig, seconds: () => number) => Promise<string> | string,
): Promise<void> {
  try {
    const config = readConfig(environment, [...new Set([...plan.contexts, ...plan.shadows ?? []])]);
    const begun = config.launchedAt ?? wallClock.now().getTime();
    const app = await startApp(plan, config);
    stopWhenTold(app.stop);
    const seconds = (): number => (wallClock.now().getTime() - begun) / 1_000;
    const banner = await opened(app, config, seconds);
    logger('main').info({ url: app.url, seconds: seconds() }, 'The app is open.');
    if (!config.production) process.stderr.write(`${banner}\n`);
  } catch (error) {
    process.stderr.write(`\nThe ${plan.name} did not start.\n\n${explain(error)}\n\n`);
    process.exit(1);
  }
}

/** Problems that a person can solve get their message; anything else is a defect and shows where it happened. */
function explain(error: unknown): string {
  const isForPeople = error instanceof InvalidConfiguration || error instanceof CannotStart || error instanceof BanyanError;
  if (isForPeople) return error.message;
  return error instanceof Error ? error.stack ?? error.message : String(error);
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
