import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(import.meta.dirname, '..', '..');
const SAMPLE_US = 250;
const SHOWN = 25;

/** Takes a CPU profile of this process between two calls, and says in short what is in it. */
export class Profiler {
  #session;

  /** @param {{ file?: string }} input with a file the profile ends and is written there, without one it begins */
  async toggle({ file }) {
    return file === undefined ? this.#begin() : this.#end(file);
  }

  async #begin() {
    this.#session = new Session();
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    await this.#session.post('Profiler.start');
  }

  async #end(file) {
    const { profile } = await this.#session.post('Profiler.stop');
    this.#session.disconnect();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(profile));
    return summary(profile);
  }
}

/**
 * @param {import('node:inspector').Profiler.Profile} profile
 * @returns {{ functions: { share: number, name: string, at: string }[], places: { share: number, place: string }[] }}
 *   by time spent in themselves, as shares of all time; `idle` is the share in which the process waited for others
 */
export function summary(profile) {
  const selfTime = new Map();
  const own = new Set(profile.nodes.filter((it) => it.callFrame.url === 'node:inspector').map((it) => it.id));
  for (const [index, id] of profile.samples.entries()) if (!own.has(id)) selfTime.set(id, (selfTime.get(id) ?? 0) + (profile.timeDeltas[index] ?? 0));
  const all = [...selfTime.values()].reduce((sum, it) => sum + it, 0);
  const functions = new Map();
  const places = new Map();
  for (const { id, callFrame } of profile.nodes) {
    const share = (selfTime.get(id) ?? 0) / all;
    const at = whereIs(callFrame);
    add(functions, `${callFrame.functionName || '(anonymous)'}\n${at}:${callFrame.lineNumber + 1}`, share);
    add(places, callFrame.functionName.startsWith('(') ? callFrame.functionName : placeOf(at), share);
  }
  return {
    functions: largest(functions).map(([key, share]) => ({ share, name: key.split('\n')[0], at: key.split('\n')[1] })),
    places: largest(places).map(([place, share]) => ({ share, place })),
  };
}

const add = (sums, key, share) => sums.set(key, (sums.get(key) ?? 0) + share);
const largest = (sums) => [...sums].filter(([, share]) => share >= 0.002).sort((a, b) => b[1] - a[1]).slice(0, SHOWN);

function whereIs({ url }) {
  if (url.startsWith('file:')) return relative(root, fileURLToPath(url));
  return url || 'native';
}

/** A package, a room of the kernel, or Node itself. */
function placeOf(path) {
  const inPackages = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path);
  if (inPackages) return inPackages[1];
  const inBuild = /^dist\/(libs\/[^/]+\/[^/]+|[^/]+\/[^/]+)/.exec(path);
  return inBuild ? inBuild[1] : path.split('/')[0];
}
