import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/**
 * What a figure means nothing without.
 * @param {{ postgres: string, rabbitmq?: string }} servers @param {object[]} contenders @param {{ count: number, unit: string, runs: number }} settings
 */
export function machineFacts(servers, contenders, { count, unit, runs }) {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    os: `${platform()} ${release().split('-')[0]}`,
    node: process.versions.node,
    ...servers,
    loadAtStart: Math.round(loadavg()[0] * 100) / 100,
    commit: commit(),
    peers: versionsOf(contenders),
    [unit]: count,
    runs,
  };
}

function versionsOf(contenders) {
  // A peer that the product itself uses stands in its own lock file.
  const locks = [['bench', 'package-lock.json'], ['package-lock.json']].map((path) => JSON.parse(readFileSync(join(root, ...path), 'utf8')).packages);
  const names = [...new Set(contenders.flatMap((it) => it.packages))];
  return Object.fromEntries(names.map((name) => [name, locks.map((it) => it[`node_modules/${name}`]?.version).find((it) => it !== undefined) ?? 'not installed']));
}

/** With a mark when the build may hold more than that. */
function commit() {
  try {
    const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'apps', 'libs', 'bench', ':!bench/results') ? ' and changes' : ''}`;
  } catch {
    return 'unknown';
  }
}
