import { ContenderFailed } from './contender.mjs';
import { percentile } from './statistics.mjs';

/**
 * Sends so many requests over a fixed number of connections that are kept, each as soon as the answer before it is
 * complete, and compares every body with what it has to be. It runs in this process.
 * @param {{ url: string, path: string, headers: Record<string, string>, body: string, amount: number, connections: number }} load
 * @returns {Promise<{ rate: number, p50: number, p99: number }>} requests/s, and milliseconds until an answer was complete
 * @throws ContenderFailed when a single answer was missing or wrong
 */
export async function load({ url, path, headers, body, amount, connections }) {
  const { default: autocannon } = await import('autocannon'); // which only benches install
  const took = new Float64Array(amount);
  let answers = 0;
  let last = 0;
  const from = performance.now();
  const running = autocannon({ url: new URL(path, url).href, method: 'POST', headers, body, amount, connections, pipelining: 1, timeout: 30, verifyBody: (text) => text === body });
  running.on('response', (_client, _status, _bytes, ms) => {
    took[answers] = ms;
    answers += 1;
    last = performance.now(); // its own clock goes on until a tick of a second is over
  });
  const problem = problemIn(await running, amount);
  if (problem !== undefined) throw new ContenderFailed(problem);
  return { rate: amount / ((last - from) / 1_000), p50: percentile(took, 0.5), p99: percentile(took, 0.99) };
}

/** @param {object} result of autocannon @param {number} amount @returns {string | undefined} */
export function problemIn({ '2xx': good, non2xx, errors, timeouts, mismatches }, amount) {
  if (good === amount && non2xx + errors + timeouts + mismatches === 0) return undefined;
  return `Of ${amount} requests ${good} were answered with 2xx and ${non2xx} with something else; ${errors} errors, ${timeouts} timeouts, ${mismatches} wrong bodies.`;
}
