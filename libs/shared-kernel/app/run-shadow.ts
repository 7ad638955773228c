import { z } from 'zod';
import type { ContextDeclaration } from '../context/index.js';
import { logger } from '../observability/index.js';
import { contextSettings } from './config.js';
import { openShadow } from './open-shadow.js';

const schema = z.object({
  SHADOW_PURPOSE: z.enum(['shadow', 'control']), SHADOW_COPY_URL: z.string(), SHADOW_TAPE_URL: z.string(), SHADOW_STORE_URL: z.string(),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug']).default('info'),
});

const log = logger('parallel-run');

/** Is this process one that plays a tape? */
export function isShadow(environment: NodeJS.ProcessEnv): boolean {
  return environment['SHADOW_COPY_URL'] !== undefined;
}

/**
 * Plays the tape of a context to its copy, as this process, until its standard input ends: whoever started it is gone
 * then, or wants it no more. Anything that keeps it from playing ends it with 1; it goes on where it was when started again.
 */
export async function runShadow(declaration: ContextDeclaration, environment: NodeJS.ProcessEnv): Promise<void> {
  const { SHADOW_PURPOSE: purpose, SHADOW_COPY_URL: copyUrl, SHADOW_TAPE_URL: tapeUrl, SHADOW_STORE_URL: storeUrl, LOG_LEVEL } = schema.parse(environment);
  // What every input does is no news here; what a handler logs has been logged where it happened.
  const logLevel = LOG_LEVEL === 'info' ? 'warn' : LOG_LEVEL;
  // Whoever started it decides about its end.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  try {
    const shadow = await openShadow(declaration, { purpose, copyUrl, tapeUrl, storeUrl }, { providers: contextSettings(declaration, environment), logLevel });
    process.stdin.resume().once('end', () => { void shadow.stop().then(() => process.exit(0)); });
    log.info({ context: declaration.name, purpose, run: shadow.run }, 'The tape is played to the copy.');
    await shadow.follow();
  } catch (error) {
    log.error({ context: declaration.name, purpose, err: error }, 'The tape cannot be played any further here; the process ends, to be started again.');
    process.exit(1);
  }
}
