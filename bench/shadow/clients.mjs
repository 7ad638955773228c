import { ContenderFailed } from '../lib/contender.mjs';

/** Calls under way at any time. */
export const CLIENTS = 16;

/**
 * Asks for so many payments in turn, and looks whether it is they that come.
 * @param {{ url: string, token: string, ids: string[] }} house
 * @returns {Promise<{ took: Float64Array, ms: number }>} how long each answer took, and all of them, in milliseconds
 */
export async function readAll({ url, token, ids }, count) {
  const { Pool } = await import('undici'); // which only benches install
  const pool = new Pool(url, { connections: CLIENTS, pipelining: 1 });
  const headers = { authorization: `Bearer ${token}` };
  try {
    return await timed(count, async (n) => {
      const id = ids[n % ids.length];
      const { statusCode, body } = await pool.request({ method: 'GET', path: `/v1/payments/${id}`, headers });
      const answer = await body.text();
      if (statusCode !== 200 || JSON.parse(answer).id !== id) throw new ContenderFailed(`The payment ${id} was answered with ${statusCode}: ${answer.slice(0, 300)}`);
    });
  } finally {
    await pool.close();
  }
}

/** @param {(n: number) => Promise<unknown>} work the n-th of `count`, from 0 */
export async function timed(count, work) {
  const took = new Float64Array(count);
  let next = 0;
  const client = async () => {
    while (next < count) {
      const n = next;
      next += 1;
      const from = performance.now();
      await work(n);
      took[n] = performance.now() - from;
    }
  };
  const from = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { took, ms: performance.now() - from };
}
