import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../lib/statistics.mjs';

const UNDER_WAY = 64;
const STALL_MS = 60_000;
const ALONE = 200;

/**
 * An engine as the bench sees it: sagas of three steps, each of which writes one row `(saga_id, step)`.
 * @typedef {object} Engine
 * @property {string} effects a query for all rows (saga_id, step) @property {string} unfinished a query for the number (`count`) of sagas that have not ended
 * @property {(id: number) => Promise<void>} start resolves when the saga will run to its end whatever happens to this process
 * @property {(sql: string) => Promise<{ rows: { count: string }[] }>} query on the engine's own connections
 * @property {() => Promise<void>} close
 *
 * @typedef {object} Place
 * @property {string} url of a database: empty, or one on which an engine was killed @property {(id: number) => void} ended to be called when a saga is through
 */

/** @param {{ openEngine: (place: Place) => Promise<Engine> }} adapter */
export async function contend({ openEngine }) {
  const waiting = new Map();
  /** @type {Engine} */ let engine;
  const runToLastRow = async (id) => {
    const { promise, resolve, reject } = Promise.withResolvers();
    const timer = setTimeout(() => reject(new Error(`Saga ${id} did not end within ${STALL_MS / 1_000} s.`)), STALL_MS);
    waiting.set(id, resolve);
    await engine.start(id);
    await promise.finally(() => clearTimeout(timer));
  };
  return {
    async open({ url }) {
      const wroteLast = (id) => {
        waiting.get(id)?.();
        waiting.delete(id);
      };
      engine = await openEngine({ url, wroteLast });
      return { effects: engine.effects, unfinished: engine.unfinished };
    },

    /** So many sagas, 64 under way at any time, until the last one has ended. */
    async many({ count }) {
      const from = performance.now();
      await inParallel(count, UNDER_WAY, runToLastRow);
      await allEnded(engine);
      return { figures: { sagas: count / ((performance.now() - from) / 1_000) }, started: count };
    },

    /** One at a time: how long it takes until the last row is committed when nothing else is going on. */
    async alone({ count }) {
      const rounds = Math.min(ALONE, count);
      const took = [];
      for (let id = 1; id <= rounds; id += 1) {
        const from = performance.now();
        await runToLastRow(id);
        took.push(performance.now() - from);
        await sleep(1);
      }
      return { figures: { alone: percentile(took, 0.5) }, started: rounds };
    },

    /** Starts them and does not wait; whoever asked is about to kill this process. */
    async begin({ count }) {
      await inParallel(count, UNDER_WAY, (id) => engine.start(id));
    },

    async close() {
      await engine?.close();
      engine = undefined;
    },
  };
}

async function allEnded({ query, unfinished }) {
  while (Number((await query(unfinished)).rows[0].count) > 0) await sleep(5);
}

async function inParallel(count, width, work) {
  let next = 1;
  const worker = async () => {
    while (next <= count) {
      const id = next;
      next += 1;
      await work(id);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
