import { PgBoss } from 'pg-boss';
import { openPool } from '../../lib/pool.mjs';
import { inTransaction } from '../../lib/transaction.mjs';
import { businessRow, businessTable, effectRowOnce, effectRows, effectTable } from '../tables.mjs';

const PRODUCERS = 16;
const QUEUE = 'effect';

/** Batches that go on while they come full; a notification wakes a worker that sleeps. */
const tuning = { batchSize: 500, localConcurrency: 2, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5, priority: false };

/**
 * pg-boss: the job is sent in the producer's transaction; a worker takes batches, and a batch is one transaction in
 * which the handler runs for each event. A batch may come again after a crash, so the effect is written once by its
 * key. One event that fails fails its batch.
 */
export const openBus = (place) => open(place, async (client, events) => {
  for (const event of events) await client.query(effectRowOnce(event));
});

/** The same with a handler that takes a whole batch: one statement writes all of its effects. */
export const openSetBased = (place) => open(place, async (client, events) => {
  await client.query(effectRows(events, { once: true }));
});

async function open({ url, arrived }, handle) {
  const producers = openPool(url, PRODUCERS);
  const handlers = openPool(url, tuning.localConcurrency);
  for (const sql of [businessTable, effectTable]) await handlers.query(sql);
  const boss = new PgBoss({ connectionString: url, max: 5, useListenNotify: true, schedule: false, supervise: false });
  let isOver = false; // its listener's connection outlives it
  boss.on('error', (error) => { if (!isOver) process.stderr.write(`pg-boss: ${error.message}\n`); });
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true, partition: true });
  return {
    businessTable: 'business',
    effectTable: 'effect',
    produce: (event) => inTransaction(producers, async (client) => {
      await client.query(businessRow(event));
      await boss.send(QUEUE, event, { db: { executeSql: (text, values) => client.query(text, values) } });
    }),
    consume: async () => {
      await boss.work(QUEUE, tuning, async (jobs) => {
        const events = jobs.map((job) => job.data);
        await inTransaction(handlers, (client) => handle(client, events));
        for (const event of events) arrived(event.id);
      });
    },
    close: async () => {
      isOver = true;
      await boss.stop({ graceful: true, timeout: 5_000 });
      await Promise.all([producers.end(), handlers.end()]);
    },
  };
}
