import { type AppConfig, readConfig as read } from '@banyan/kernel/app';
import { contexts } from '../contexts.js';

/** What the shop makes of this environment. */
export function readConfig(environment: NodeJS.ProcessEnv): AppConfig {
  return read(environment, contexts);
}
