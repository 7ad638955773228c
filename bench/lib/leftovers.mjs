import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', '.data');

/** Where everything lies that a run needs and nobody wants afterwards. @returns {string} */
export function makeDataFolder() {
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * A run that was killed outright leaves its PostgreSQL running and its files behind, whichever bench it was. Only one
 * bench runs at a time in a checkout, so whatever is there is left over.
 * @param {typeof import('../../libs/shared-kernel/persistence/index.js').startEmbeddedDatabase} startEmbeddedDatabase
 */
export async function removeLeftOvers(startEmbeddedDatabase) {
  for (const { name } of readdirSync(makeDataFolder(), { withFileTypes: true }).filter((it) => it.isDirectory())) {
    const dataDir = join(folder, name);
    if (existsSync(join(dataDir, 'postgres'))) await stopServer(dataDir, startEmbeddedDatabase);
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** By joining it first. One that was killed while it was made cannot be joined; without its folder PostgreSQL ends by itself. */
async function stopServer(dataDir, startEmbeddedDatabase) {
  try {
    const leftOver = await startEmbeddedDatabase({ dataDir, durable: true });
    await leftOver.stop();
  } catch (error) {
    process.stderr.write(`What an earlier run left in ${dataDir} is removed without stopping it (${error.message})\n`);
  }
}
