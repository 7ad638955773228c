import { execFileSync } from 'node:child_process';

let known;

/**
 * Gives one core to a process alone and the others to the rest, so that who sends requests and who answers them takes
 * nothing from whoever is measured in between. Does nothing with fewer than two cores.
 * @param {number} alone @param {number[]} rest
 */
export function share(alone, rest) {
  const cores = allowed();
  if (cores.length < 2) return;
  pin(alone, cores.slice(-1));
  for (const pid of rest) pin(pid, cores.slice(0, -1));
}

/** Takes it back. @param {number[]} pids */
export function shareAlike(pids) {
  const cores = allowed();
  if (cores.length < 2) return;
  for (const pid of pids) pin(pid, cores);
}

function pin(pid, list) {
  execFileSync('taskset', ['-a', '-c', '-p', list.join(','), String(pid)], { stdio: 'ignore' });
}

/** The cores that this process had at first; none where nobody can tell or they cannot be given out (no Linux, no `taskset`). */
function allowed() {
  known ??= read();
  return known;
}

function read() {
  try {
    const list = execFileSync('taskset', ['-c', '-p', String(process.pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(': ').at(-1).trim();
    return list.split(',').flatMap((range) => {
      const [first, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, at) => first + at);
    });
  } catch {
    return [];
  }
}
