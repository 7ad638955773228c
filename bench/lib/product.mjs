import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..', '..');

/**
 * A room of the kernel, or any other module of the build: what is measured is what is shipped.
 * @param {string} path below dist/, for example `libs/shared-kernel/messaging/index.js`
 */
export const built = (path) => import(pathToFileURL(join(root, 'dist', path)).href);

/** A room of the kernel through its door. @param {string} room */
export const kernel = (room) => built(`libs/shared-kernel/${room}/index.js`);

/** From warnings on: no peer logs a line per event, so we do not either. */
export async function logWarningsOnly() {
  const { configureLog } = await built('libs/shared-kernel/observability/log.js');
  configureLog({ level: 'warn', destination: { write: (line) => process.stderr.write(line) } });
}
