import { DBOS } from '@dbos-inc/dbos-sdk';
import { openPool } from '../../lib/pool.mjs';

const POOL = 24;

/** Steps run at least once in DBOS, so their rows are written once by their key, as its documentation asks for. */
const effectTable = 'CREATE TABLE IF NOT EXISTS effect (saga_id bigint NOT NULL, step integer NOT NULL, PRIMARY KEY (saga_id, step))';
const effectRow = (id, step) => ({ name: 'effect', text: 'INSERT INTO effect (saga_id, step) VALUES ($1, $2) ON CONFLICT DO NOTHING', values: [id, step] });

let pool;
let wroteLast;

const bench = DBOS.registerWorkflow(async (id) => {
  for (const step of [1, 2, 3]) await DBOS.runStep(() => write(id, step), { name: `step-${step}` });
}, { name: 'bench' });

async function write(id, step) {
  await pool.query(effectRow(id, step));
  if (step === 3) wroteLast(id);
}

/** DBOS keeps its own tables in a schema of the same database. */
export async function openEngine(place) {
  pool = openPool(place.url, POOL);
  wroteLast = place.wroteLast;
  await pool.query(effectTable);
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: place.url, systemDatabasePoolSize: POOL, logLevel: 'error', executorID: 'bench', applicationVersion: '1' });
  await DBOS.launch();
  return {
    effects: 'SELECT saga_id, step FROM effect',
    unfinished: `SELECT count(*) FROM dbos.workflow_status WHERE status IN ('PENDING', 'ENQUEUED')`,
    query: (sql) => pool.query(sql),
    start: async (id) => { await DBOS.startWorkflow(bench, { workflowID: String(id) })(id); },
    close: async () => {
      await DBOS.shutdown();
      await pool.end();
    },
  };
}
