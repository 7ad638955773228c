import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'banyan-verify-';

/** A folder of this process. Those of processes that were killed are removed first; a PostgreSQL without its folder ends by itself. */
export async function ownFolder(): Promise<string> {
  const names = await readdir(tmpdir());
  const abandoned = names.filter((name) => {
    const owner = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    return owner > 0 && !isAlive(owner);
  });
  await Promise.all(abandoned.map((name) => removeFolder(join(tmpdir(), name)).catch(() => undefined))); // it may be another user's
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  await chmod(folder, 0o755); // PostgreSQL runs as somebody else where we are root
  return folder;
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }); // a file may still be written
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
