import { percentile } from '../lib/statistics.mjs';
import { isAnswerTo, question } from './prices.mjs';

/** Calls under way at any time. */
const WIDTH = 64;
const ALONE = 500;
const FIRST = 1_000;

/**
 * What contenders of this bench have in common. Every answer is compared with what it should be; one that is wrong, and
 * one error, ends the run without a figure.
 * @typedef {object} Caller
 * @property {(asked: { skus: string[] }) => Promise<object>} call @property {() => Promise<void>} close
 * @property {() => Promise<number>} [answers] how often the other process has answered since this was last asked
 *
 * @param {{ openLocal?: (place: object) => Promise<Caller>, openRemote?: (place: object) => Promise<Caller> }} adapter
 */
export async function contend({ openLocal, openRemote }) {
  /** @type {Caller} */ let caller;
  return {
    async open({ route, ...place }) {
      caller = await (route === 'local' ? openLocal : openRemote)(place);
      await inParallel(FIRST, WIDTH, (n) => checked(caller, n));
    },

    /** One after the other. */
    async local({ count }) {
      const from = performance.now();
      for (let n = 1; n <= count; n += 1) await checked(caller, n);
      return { figures: { local: ((performance.now() - from) * 1_000) / count } };
    },

    /** Many at once. */
    async calls({ count }) {
      await caller.answers();
      const took = new Float64Array(count);
      const from = performance.now();
      await inParallel(count, WIDTH, async (n) => {
        const sent = performance.now();
        await checked(caller, n);
        took[n - 1] = performance.now() - sent;
      });
      const ms = performance.now() - from;
      const answered = await caller.answers();
      if (answered !== count) throw new Error(`The other process answered ${answered} of ${count} calls.`);
      return { figures: { calls: count / (ms / 1_000), 'calls-p50': percentile(took, 0.5), 'calls-p99': percentile(took, 0.99) } };
    },

    /** While nothing else goes on. */
    async alone({ count }) {
      const took = [];
      for (let n = 1; n <= Math.min(ALONE, count); n += 1) {
        const sent = performance.now();
        await checked(caller, n);
        took.push(performance.now() - sent);
      }
      return { figures: { alone: percentile(took, 0.5) } };
    },

    async close() {
      await caller?.close();
      caller = undefined;
    },
  };
}

async function checked({ call }, n) {
  const asked = question(n);
  const given = await call(asked);
  if (!isAnswerTo(given, asked)) throw new Error(`Call ${n} was answered with what somebody else had asked, or wrongly.`);
}

async function inParallel(count, width, work) {
  let next = 1;
  const worker = async () => {
    while (next <= count) {
      const n = next;
      next += 1;
      await work(n);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
}
