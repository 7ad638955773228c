import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { logger } from '../../observability/index.js';
import { EmbeddedDatabaseUnavailable } from '../errors.js';

const run = promisify(execFile);
const log = logger('persistence');

/** Who runs PostgreSQL. `launcher` is a command line to put in front of the program. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  readonly switches: boolean;
  readonly launcher: readonly string[];
}

/** The user of this process: what everybody but root uses. */
function ourselves(): ServerUser {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, switches: false, launcher: [] };
}

/**
 * PostgreSQL refuses to run as root, so root hands it to somebody without rights: the owner of a data folder that
 * exists, else `postgres`, else `nobody`. No user is created.
 * @param paths what that user must be able to reach: programs and data
 * @throws EmbeddedDatabaseUnavailable when there is no such user, or when it cannot enter a folder on the way
 */
export async function chooseServerUser(owner: { uid: number; gid: number } | undefined, paths: readonly string[]): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return ourselves();
  const ids = owner && owner.uid !== 0 ? owner : (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (!ids) {
    throw new EmbeddedDatabaseUnavailable('PostgreSQL refuses to run as root, and this system has neither a user "postgres" nor "nobody" to run it as. Start as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.');
  }
  const closed = await firstClosedFolder(paths, ids);
  if (!closed) return { ...ids, switches: true, launcher: [] };
  const launcher = await readAnywhere(ids);
  if (!launcher) throw unreachableFolder(closed, ids.uid);
  log.warn({ folder: closed }, `${closed} is closed to user ${ids.uid}, as whom PostgreSQL runs because this process is root. It gets the capability to read past that. Keep the checkout and its data in an open folder, or start as an ordinary user, to do without.`);
  return { ...ids, switches: false, launcher };
}

function unreachableFolder(folder: string, uid: number): Error {
  return new EmbeddedDatabaseUnavailable(
    `PostgreSQL refuses to run as root, and user ${uid}, as whom it would run, cannot enter ${folder}. `
    + `Either move the checkout and DATA_DIR to a folder that others may enter (for example under /srv), or open this one (chmod o+x ${folder}), `
    + 'or start as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
    { folder, uid },
  );
}

async function lookUp(name: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function firstClosedFolder(paths: readonly string[], ids: { uid: number; gid: number }): Promise<string | undefined> {
  const folders = new Set(paths.flatMap(withParents).sort((a, b) => a.length - b.length));
  for (const folder of folders) {
    const { uid, gid, mode } = await stat(folder);
    const bit = uid === ids.uid ? 0o100 : gid === ids.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return undefined;
}

function withParents(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [...withParents(parent), folder];
}

/**
 * A launcher (setpriv of util-linux) that switches the user and keeps one capability: to read and enter every folder.
 * `no_setuid_fixup` makes access(2), which PostgreSQL asks about its own program, count it too.
 */
async function readAnywhere(ids: { uid: number; gid: number }): Promise<string[] | undefined> {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(await readFile('/proc/self/status', 'utf8').catch(() => ''))?.[1];
  if (!bounding) return undefined;
  const has = (capability: number): boolean => ((BigInt(`0x${bounding}`) >> BigInt(capability)) & 1n) === 1n;
  const capability = has(2) ? 'dac_read_search' : has(1) ? 'dac_override' : undefined;
  const launcher = [
    'setpriv', `--reuid=${ids.uid}`, `--regid=${ids.gid}`, '--clear-groups',
    `--inh-caps=+${capability}`, `--ambient-caps=+${capability}`, '--securebits=+no_setuid_fixup',
  ];
  const works = capability !== undefined && await run('setpriv', [...launcher.slice(1), 'true']).then(() => true, () => false);
  return works ? launcher : undefined;
}
