import { execFile } from 'node:child_process';
import { readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { platform } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { wallClock } from '../../runtime/index.js';

const run = promisify(execFile);
/** More than any system gives to a process. */
const NO_PROCESS = 2_147_483_646;
/** A server writes its file at once; one that stays empty was left by a crash or a full disk. */
const EMPTY_IS_ABANDONED_MS = 2_000;

/** What a running server says about itself in `postmaster.pid`. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

/** The server that runs on this cluster, whoever started it; undefined when there is none, whatever the file says. */
export async function findServer(cluster: string): Promise<RunningServer | undefined> {
  const lines = (await readPidFile(cluster)).split('\n');
  const pid = Number(lines[0]);
  if (!(pid > 0) || !(await isServerOf(cluster, pid))) return undefined;
  return { pid, port: Number(lines[3]), isReady: lines[7]?.trim() === 'ready' };
}

/**
 * Makes a left-over `postmaster.pid` harmless whose process id now belongs to some other program, which PostgreSQL
 * would take for a server and refuse to start. Only the id is changed: the shared memory key, by which PostgreSQL
 * recognises backends that outlived their server, stays. Safe only as long as `findServer` finds nothing.
 */
export async function disarmPidFile(cluster: string): Promise<void> {
  const file = join(cluster, 'postmaster.pid');
  const [text, age] = await Promise.all([readPidFile(cluster), ageOf(file)]);
  if (await findServer(cluster)) return;
  if (text.trim() !== '') await writeFile(file, text.replace(/^\d+/, String(NO_PROCESS)));
  else if (age > EMPTY_IS_ABANDONED_MS) await rm(file, { force: true });
}

async function ageOf(file: string): Promise<number> {
  return stat(file).then(({ mtimeMs }) => wallClock.now().getTime() - mtimeMs, () => 0);
}

async function readPidFile(cluster: string): Promise<string> {
  return readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
}

/** PostgreSQL works in its data directory, so the working directory tells whose server a process is. */
export async function isServerOf(cluster: string, pid: number): Promise<boolean> {
  try {
    if (platform() !== 'linux') return (await run('ps', ['-o', 'command=', '-p', String(pid)])).stdout.includes(cluster);
    const [folder, name] = await Promise.all([readlink(`/proc/${pid}/cwd`), readFile(`/proc/${pid}/comm`, 'utf8')]);
    return folder === cluster && basename(name.trim()) === 'postgres';
  } catch {
    return false;
  }
}
