import { spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { wallClock } from '../../runtime/index.js';
import { EmbeddedDatabaseUnavailable } from '../errors.js';
import { type DataFolder, freePort, readConnection, storeConnection } from './data-folder.js';
import { explainFolderError, folderUnusable, reasonsIn } from './folder-unusable.js';
import { disarmPidFile, findServer, isServerOf } from './pid-file.js';
import { commandLine } from './process.js';
import { socketFolderOf } from './address.js';

const PATIENCE_MS = 120_000;
const POLL_MS = 15;
const LOG_LIMIT_BYTES = 16 * 1024 * 1024;

/** How to start; with a fixed port it is that one or none. */
export interface ServerOptions {
  readonly durable: boolean;
  readonly fixedPort?: number;
}

/**
 * Returns the port of a ready server on this folder, starting one only where none runs.
 * PostgreSQL's own lock file decides between processes that start one at the same time: the losers find the winner's.
 * A server that outlived its app is taken as it is; one that is stopping is waited for and started anew.
 * @throws DatabaseFolderUnusable, EmbeddedDatabaseUnavailable
 */
export async function ensureServer(folder: DataFolder, options: ServerOptions): Promise<number> {
  const giveUpAt = wallClock.ticks() + PATIENCE_MS;
  while (wallClock.ticks() < giveUpAt) {
    const running = await findServer(folder.cluster);
    if (running?.isReady) return running.port;
    if (!running) await start(folder, options, giveUpAt);
    await sleep(POLL_MS);
  }
  throw new EmbeddedDatabaseUnavailable(`PostgreSQL was not ready after ${PATIENCE_MS / 1000} s. It may still be recovering from a crash; ${folder.log} tells how far it is.`);
}

/** Starts one server and waits until it is ready or has given up for a reason that goes away. */
async function start(folder: DataFolder, options: ServerOptions, giveUpAt: number): Promise<void> {
  const connection = await readConnection(folder);
  const port = options.fixedPort ?? connection.port;
  const logStart = await prepareLog(folder);
  const ended = await untilReadyOrEnded(folder, await launch(folder, port, options.durable), giveUpAt);
  if (!ended) return;
  const said = (await readFile(folder.log)).subarray(logStart).toString();
  if (/Address already in use/.test(said)) {
    if (options.fixedPort) throw new EmbeddedDatabaseUnavailable(`Another program listens on port ${port} of 127.0.0.1, which this app's connections go to. End that program, or restart this app: it then takes another port.`);
    await storeConnection(folder, { ...connection, port: await freePort() });
  } else if (/lock file "postmaster\.pid" (?:already exists|is empty)/.test(said)) {
    await disarmPidFile(folder.cluster);
  } else if (/shared memory block/.test(said)) {
    await sleep(200); // backends of a killed server are still on their way out
  } else {
    throw folderUnusable(folder.dataDir, `PostgreSQL does not start on it: ${reasonsIn(said) || `${ended}. ${said.trim().replaceAll('\n', ' ')}`} (${folder.log} has more).`);
  }
}

interface Launched {
  readonly pid: number | undefined;
  ended(): string | undefined;
}

async function untilReadyOrEnded(folder: DataFolder, launched: Launched, giveUpAt: number): Promise<string | undefined> {
  while (!launched.ended() && wallClock.ticks() < giveUpAt) {
    const running = await findServer(folder.cluster);
    if (running?.pid === launched.pid && running?.isReady) return undefined;
    await sleep(POLL_MS);
  }
  return launched.ended();
}

/** Detached, in a session of its own: neither Ctrl-C in our terminal nor our death reaches it. */
async function launch(folder: DataFolder, port: number, durable: boolean): Promise<Launched> {
  const { file, args, options } = commandLine(folder.user, folder.binaries.postgres, [
    '-D', folder.cluster, ...Object.entries(settings(socketFolderOf(folder.cluster), port, durable)).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  const log = await open(folder.log, 'a', 0o600);
  let ended: string | undefined;
  const child = spawn(file, args, { ...options, cwd: folder.cluster, detached: true, stdio: ['ignore', log.fd, log.fd] })
    .once('exit', (code, signal) => { ended = signal ?? `exit code ${code}`; })
    .once('error', (error) => { ended = error.message; });
  child.unref();
  await log.close();
  return { pid: child.pid, ended: () => ended };
}

function settings(socketFolder: string, port: number, durable: boolean): Record<string, string | number> {
  return {
    port, listen_addresses: '127.0.0.1', unix_socket_directories: socketFolder, max_connections: 200, wal_level: 'logical',
    timezone: 'UTC', log_timezone: 'UTC', log_checkpoints: 'off', log_line_prefix: '%m [%p] %q%u %a ',
    log_error_verbosity: 'terse', // DETAIL lines quote the values of rows
    // What was committed still survives a kill of PostgreSQL: it has been handed to the operating system.
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
}

/** Keeps the log from growing without end: one old file is kept. Returns where the next start will write. */
async function prepareLog({ log, dataDir }: DataFolder): Promise<number> {
  try {
    const size = await stat(log).then((it) => it.size, () => 0);
    if (size < LOG_LIMIT_BYTES) return size;
    await rename(log, `${log}.old`);
    return 0;
  } catch (error) {
    throw explainFolderError(dataDir, error);
  }
}

/**
 * Fast shutdown: open transactions are rolled back, everything is written, nothing is left running.
 * A server that does not end within half a minute is told to end at once; it then recovers at the next start.
 */
export async function shutDownServer(cluster: string): Promise<void> {
  for (const [signal, patience] of [['SIGINT', 30_000], ['SIGQUIT', 10_000]] as const) {
    const running = await findServer(cluster);
    if (!running) return;
    process.kill(running.pid, signal);
    const giveUpAt = wallClock.ticks() + patience;
    while (wallClock.ticks() < giveUpAt) {
      if (!(await isServerOf(cluster, running.pid))) return;
      await sleep(POLL_MS);
    }
  }
  throw new EmbeddedDatabaseUnavailable(`PostgreSQL on ${cluster} did not end. Its process id stands in postmaster.pid there.`);
}
