import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/**
 * CPU seconds that a process has used so far, with its children and those of them that have ended.
 * Unlike the time on the clock they hardly depend on what else the machine is doing.
 * @param {number} pid @returns {number | undefined} undefined where nobody can tell (other systems than Linux)
 */
export function cpuSeconds(pid) {
  const root = statOf(pid);
  if (!root) return undefined;
  const children = readdirSync('/proc').filter((it) => /^\d+$/.test(it)).map((it) => statOf(Number(it))).filter((it) => it?.parent === pid);
  const ticks = root.own + root.ended + children.reduce((sum, it) => sum + it.own + it.ended, 0);
  return ticks / TICKS_PER_SECOND;
}

/** @returns {number | undefined} the process that started this one */
export const parentOf = (pid) => statOf(pid)?.parent;

/** See proc(5): the name of the program is in brackets and may hold anything. */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
    return { parent: fields[1], own: fields[11] + fields[12], ended: fields[13] + fields[14] };
  } catch {
    return undefined;
  }
}
