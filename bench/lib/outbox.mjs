import { Client } from 'pg';
import { businessRow } from '../bus/tables.mjs';
import { openPool } from './pool.mjs';
import { inTransaction } from './transaction.mjs';
import { WakeableLoop } from './wakeable-loop.mjs';

const PRODUCERS = 16;
const BATCH = 500;
const POLL_MS = 5;

const table = 'CREATE TABLE outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text NOT NULL, payload text NOT NULL)';
const row = (event) => ({ name: 'outbox', text: 'INSERT INTO outbox (key, payload) VALUES ($1, $2)', values: [event.key, JSON.stringify(event)] });
const lowest = { name: 'lowest', text: `SELECT position, key, payload FROM outbox ORDER BY position LIMIT ${BATCH}` };
const removal = (positions) => ({ name: 'remove', text: 'DELETE FROM outbox WHERE position = ANY($1::bigint[])', values: [positions] });

/**
 * An outbox as one writes it by hand: a row beside the business row, and one reader that takes the 500 lowest rows,
 * hands them on and removes them. No leader, no second process, no retries.
 * @param {string} url @param {string[]} tables to make beside it
 * @param {(rows: { key: string, payload: string }[], client: Client) => Promise<(() => void) | undefined>} handOn
 *   runs inside of the transaction that removes the rows; what it answers with is called after the commit
 */
export async function openOutbox(url, tables, handOn) {
  const pool = openPool(url, PRODUCERS);
  const reader = new Client({ connectionString: url, pipeline: true });
  reader.on('error', () => undefined);
  await reader.connect();
  for (const sql of [...tables, table]) await reader.query(sql);
  const loop = new WakeableLoop(() => turn(reader, handOn), POLL_MS);
  return {
    produce: async (event) => {
      await inTransaction(pool, async (client) => {
        await client.query(businessRow(event));
        await client.query(row(event));
      });
      loop.wake();
    },
    start: () => loop.start(),
    close: async () => {
      await loop.stop();
      await Promise.all([pool.end(), reader.end()]);
    },
  };
}

async function turn(reader, handOn) {
  await reader.query('BEGIN');
  const { rows } = await reader.query(lowest);
  let afterCommit;
  if (rows.length > 0) {
    afterCommit = await handOn(rows, reader);
    await reader.query(removal(rows.map((it) => it.position)));
  }
  await reader.query('COMMIT');
  afterCommit?.();
  return rows.length > 0;
}
