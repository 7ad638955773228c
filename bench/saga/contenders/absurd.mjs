import { readFile } from 'node:fs/promises';
import { Absurd } from 'absurd-sdk';
import { openPool } from '../../lib/pool.mjs';

const POOL = 24;
const silent = { log: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const worker = { concurrency: 64, batchSize: 64, pollInterval: 0.05, claimTimeout: 10 };

/** A step may run again when its process died before its checkpoint, so rows are written once by their key. */
const effectTable = 'CREATE TABLE IF NOT EXISTS effect (saga_id bigint NOT NULL, step integer NOT NULL, PRIMARY KEY (saga_id, step))';
const effectRow = (id, step) => ({ name: 'effect', text: 'INSERT INTO effect (saga_id, step) VALUES ($1, $2) ON CONFLICT DO NOTHING', values: [id, step] });

/** Its tables and functions come with a tool written in Python, not with the npm package: without them there is nothing to measure. */
export async function openEngine({ url, wroteLast }) {
  const pool = openPool(url, POOL);
  await prepare(pool);
  const app = new Absurd({ db: pool, log: silent });
  await app.createQueue('default');
  app.registerTask({ name: 'bench' }, async ({ id }, task) => {
    for (const step of [1, 2, 3]) await task.step(`step-${step}`, () => pool.query(effectRow(id, step)).then(() => step));
    wroteLast(id);
  });
  const running = await app.startWorker(worker);
  return {
    effects: 'SELECT saga_id, step FROM effect',
    unfinished: `SELECT count(*) FROM absurd.t_default WHERE state NOT IN ('completed', 'failed', 'cancelled')`,
    query: (sql) => pool.query(sql),
    start: async (id) => { await app.spawn('bench', { id }); },
    close: async () => {
      await running.close();
      await app.close();
      await pool.end();
    },
  };
}

async function prepare(pool) {
  await pool.query(effectTable);
  const { rows: [there] } = await pool.query(`SELECT 1 FROM pg_namespace WHERE nspname = 'absurd'`);
  if (there) return;
  const file = process.env.ABSURD_SQL;
  if (!file) {
    await pool.end();
    throw new Error('absurd-sdk installs from npm, but the SQL it needs comes only with its Python tool. Get sql/absurd.sql from the same version of its repository, and name the file in ABSURD_SQL.');
  }
  await pool.query(await readFile(file, 'utf8'));
}
