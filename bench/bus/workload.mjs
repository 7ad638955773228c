import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../lib/statistics.mjs';
import { Arrivals } from './arrivals.mjs';
import { eventOf } from './event.mjs';

const PRODUCERS = 16;
const STALL_MS = 15_000;
const SECONDS_OF_LATENCY = 8;

/**
 * A bus as the bench sees it.
 * @typedef {object} Bus
 * @property {string} businessTable @property {string} effectTable with their schemas, for the check afterwards
 * @property {(event: ReturnType<typeof eventOf>) => Promise<void>} produce one transaction with business row and event; resolves when it is committed
 * @property {() => Promise<void>} consume lets the handler run from now on
 * @property {() => Promise<void>} close stops everything and disconnects
 *
 * @typedef {object} Place
 * @property {string} url of an empty database
 * @property {string} [amqpUrl] @property {string} name nobody else's; in a broker the queue's, or how all names begin: the bench deletes what was made under it
 * @property {(id: number) => void} arrived to be called when an effect is committed
 */

/**
 * The same work for every bus: 16 producers, one handler that writes one row per event, all in this process.
 * @param {{ openBus: (place: Place) => Promise<Bus> }} adapter
 */
export async function contend({ openBus }) {
  const arrivals = new Arrivals();
  /** @type {Bus} */ let bus;
  return {
    /** Makes tables and connections; nothing of it is measured. */
    async open(place) {
      bus = await openBus({ ...place, arrived: (id) => arrivals.note(id) });
      return { businessTable: bus.businessTable, effectTable: bus.effectTable };
    },

    /** Publishes with nobody listening. */
    async publish({ count }) {
      arrivals.expect(1, count);
      return { figures: { publish: count / (await seconds(() => produce(bus, 1, count))) } };
    },

    /** Lets that backlog drain. */
    async drain({ count }) {
      let problem;
      const took = await seconds(async () => {
        await bus.consume();
        problem = await arrivals.all(STALL_MS);
      });
      return { problem, figures: { drain: problem ? 0 : count / took } };
    },

    /** Publishes while the handler runs, as fast as it goes. */
    async both({ count }) {
      arrivals.expect(1, count);
      await bus.consume();
      let problem;
      const took = await seconds(async () => {
        await produce(bus, 1, count);
        problem = await arrivals.all(STALL_MS);
      });
      return { problem, figures: { both: problem ? 0 : count / took } };
    },

    /** After that, at half of its rate: how long an event takes. */
    async latency({ count, rate }) {
      const written = Math.max(PRODUCERS, Math.min(count, Math.round(rate * SECONDS_OF_LATENCY)));
      return { written, ...(await onTimetable(bus, arrivals, { rate, firstId: count + 1, count: written })) };
    },

    async close() {
      await bus?.close();
      bus = undefined;
    },
  };
}

async function produce(bus, firstId, count) {
  let next = firstId;
  const producer = async () => {
    while (next < firstId + count) {
      const id = next;
      next += 1;
      await bus.produce(eventOf(id));
    }
  };
  await Promise.all(Array.from({ length: PRODUCERS }, producer));
}

/** Each producer has its own timetable, and keeps it whether or not the others do. */
async function onTimetable(bus, arrivals, { rate, firstId, count }) {
  const committedAt = new Float64Array(count);
  arrivals.expect(firstId, count);
  const start = performance.now() + 50;
  const producer = async (_, at) => {
    for (let index = at; index < count; index += PRODUCERS) {
      const wait = start + (index * 1_000) / rate - performance.now();
      if (wait > 0.5) await sleep(wait);
      await bus.produce(eventOf(firstId + index));
      committedAt[index] = performance.now();
    }
  };
  await Promise.all(Array.from({ length: PRODUCERS }, producer));
  const problem = await arrivals.all(STALL_MS);
  if (problem) return { problem, figures: {} };
  const took = committedAt.map((at, index) => Math.max(0, arrivals.at(firstId + index) - at));
  return { figures: { 'latency-p50': percentile(took, 0.5), 'latency-p99': percentile(took, 0.99) } };
}

async function seconds(work) {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1_000;
}
