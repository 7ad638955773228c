import { Logger, run, runMigrations } from 'graphile-worker';
import { openPool } from '../../lib/pool.mjs';
import { inTransaction } from '../../lib/transaction.mjs';
import { businessRow, businessTable, effectRowOnce, effectTable } from '../tables.mjs';

const PRODUCERS = 16;
const silent = new Logger(() => () => undefined);

/** The configuration under which its own documentation gives its best figures (worker.graphile.org/docs/performance). */
const tuning = { concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };

const job = (event) => ({ name: 'job', text: `SELECT graphile_worker.add_job('effect', $1::json)`, values: [JSON.stringify(event)] });

/**
 * graphile-worker: the job is added in the producer's transaction; the task writes the effect and completes. A job may
 * run again after a crash, so the effect is written once by its key. Jobs have no order among each other.
 */
export async function openBus({ url, arrived }) {
  const producers = openPool(url, PRODUCERS);
  const workers = openPool(url, tuning.maxPoolSize + 1);
  await runMigrations({ pgPool: workers, logger: silent });
  for (const sql of [businessTable, effectTable]) await workers.query(sql);
  let runner;
  return {
    businessTable: 'business',
    effectTable: 'effect',
    produce: (event) => inTransaction(producers, async (client) => {
      await client.query(businessRow(event));
      await client.query(job(event));
    }),
    consume: async () => {
      const effect = async (event) => {
        await workers.query(effectRowOnce(event));
        arrived(event.id);
      };
      runner = await run({ pgPool: workers, taskList: { effect }, noHandleSignals: true, logger: silent, preset: { worker: tuning } });
    },
    close: async () => {
      await runner?.stop();
      await Promise.all([producers.end(), workers.end()]);
    },
  };
}
