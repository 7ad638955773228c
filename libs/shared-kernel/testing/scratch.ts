import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Linux has it in memory. */
const IN_MEMORY = '/dev/shm';
const [ROOM, SPARE] = [4 * 2 ** 30, 8 * 2 ** 30];

/**
 * Where the servers of tests keep data that is thrown away: in memory where there is plenty, for a disk's file system is
 * most of what a new database or queue costs (initdb: 5 times the system time on ext4). It outlives killed processes as
 * files on a disk do; no test crashes the machine.
 */
export function scratchFolder(): string {
  return isRoomy() ? IN_MEMORY : tmpdir();
}

/** Every folder that `scratchFolder` may have named, for who removes what killed runs have left. */
export function scratchFolders(): readonly string[] {
  return freeInMemory() === undefined ? [tmpdir()] : [IN_MEMORY, tmpdir()];
}

function isRoomy(): boolean {
  return (freeInMemory() ?? 0) >= ROOM && process.availableMemory() >= SPARE;
}

/** Free bytes; undefined where there is no such folder. */
function freeInMemory(): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
