import { readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedDatabase } from '../persistence/index.js';
import { scratchFolder, scratchFolders } from './scratch.js';

const PREFIX = 'banyan-test-';

let stopRunning: (() => Promise<void>) | undefined;

/**
 * Starts the PostgreSQL of one test run, in a folder of its own that goes with it. What killed runs left behind is
 * removed first; a run that is told to end removes its own at once.
 * @returns its administrator's URL
 */
export async function startTestServer(): Promise<string> {
  removeAbandoned();
  const folder = await mkdtemp(join(scratchFolder(), `${PREFIX}${process.pid}-`));
  await chmod(folder, 0o755); // PostgreSQL runs as somebody else where we are root
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      remove(folder);
      process.kill(process.pid, signal);
    });
  }
  const database = await startEmbeddedDatabase({ dataDir: folder, durable: false });
  stopRunning = async () => {
    await database.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return database.url;
}

/** Stops what this process has started, and removes its folder. */
export async function stopTestServer(): Promise<void> {
  await stopRunning?.();
}

function removeAbandoned(): void {
  for (const place of scratchFolders()) {
    for (const name of readdirSync(place)) {
      const owner = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
      if (owner > 0 && !isAlive(owner)) remove(join(place, name));
    }
  }
}

/** A server whose folder is gone ends by itself within a minute; where it can be recognised, it is ended first. */
function remove(folder: string): void {
  for (const cluster of [join(folder, 'postgres'), join(folder, '.data', 'postgres')]) endServerOf(cluster);
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // another user's
  }
}

function endServerOf(cluster: string): void {
  try {
    const pid = Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const isOurs = (): boolean => readlinkSync(`/proc/${pid}/cwd`) === cluster;
    if (isOurs()) process.kill(pid, 'SIGQUIT');
    // There is no waiting for promises in a process that is being ended.
    for (let polls = 0; polls < 100 && isOurs(); polls += 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  } catch {
    // no server, none any more, or not ours to end
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
