import { chown, writeFile } from 'node:fs/promises';
import { codeOf } from '../error-parts.js';
import type { ServerUser } from './server-user.js';

/** The arguments of spawn or execFile that run a program as the given user, with nothing of our environment but the path. */
export function commandLine(user: ServerUser, program: string, args: readonly string[]) {
  const [file = program, ...rest] = [...user.launcher, program, ...args];
  return {
    file,
    args: rest,
    options: {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
      ...(user.switches ? { uid: user.uid, gid: user.gid } : {}),
    },
  };
}

/** Is there a process with this id, whoever owns it? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** Writes a file that only the server's user (and root) can read. */
export async function writePrivate(path: string, text: string, owner: ServerUser): Promise<void> {
  await writeFile(path, text, { mode: 0o600, flush: true });
  await chown(path, owner.uid, owner.gid);
}
