import type { Database } from '../../persistence/index.js';
import type { TapedEnd, TapedTransaction } from './entry.js';

/** Names of settings of a transaction: whether its changes belong to an input, and what they are, as a list in JSON without its brackets. */
export const [TAPING, WRITE_SET] = ['banyan.taping', 'banyan.write_set'] as const;

/** From here on the triggers of the open transaction keep its changes for whoever asks at its end. @returns the snapshot at this moment */
export async function beginWriteSet(database: Database): Promise<string> {
  const [row] = await database.query<{ snapshot: string }>(`SELECT set_config('${TAPING}', 'on', true), pg_current_snapshot()::text AS snapshot`);
  return row?.snapshot ?? '';
}

/** Adds the open transaction to the tape, as its last statement; it leaves in one message with the COMMIT. */
export function postTransaction(database: Database, taped: TapedTransaction): void {
  database.post(
    `INSERT INTO tape (kind, entry, rows) VALUES ('transaction', $1, '[' || current_setting('${WRITE_SET}', true) || ']')`,
    [JSON.stringify(taped)],
  );
}

/** @param dropped how many had no room since the last time */
export async function storeEndings(database: Database, endings: readonly TapedEnd[], dropped: number): Promise<void> {
  await database.query(`INSERT INTO tape (kind, entry) VALUES ('endings', $1)`, [JSON.stringify({ endings, dropped })]);
}

export async function currentSnapshot(database: Database): Promise<string> {
  const [row] = await database.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
  return row?.snapshot ?? '';
}
