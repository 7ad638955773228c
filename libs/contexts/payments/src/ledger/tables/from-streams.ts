import type { Database } from '@banyan/kernel/persistence';

/** So many payments and credit notes are brought over by one statement, so that none takes long. */
const BATCH = 1_000;

/**
 * Adds to the tables what streams of events have and they have not, of one payment or of all payments and credit notes.
 * Two who do this at once do so once. What the streams have from the tables is not looked at.
 */
export async function bringFromStreams(database: Database, paymentId?: string): Promise<void> {
  const sql = statement(paymentId !== undefined);
  for (let found = BATCH; found === BATCH;) {
    const rows = await database.query(sql, [BATCH, ...(paymentId === undefined ? [] : [paymentId])]);
    found = rows.length;
  }
}

/**
 * One statement, and so one snapshot: a fact comes with its booking, and none that is recorded meanwhile without it.
 * stream_event_original finds what is known to streams alone, payment_event_pkey and ledger_entry_pkey whether it is here.
 */
function statement(isOne: boolean): string {
  const factsThatLack = `
    FROM streamed_fact known
    WHERE NOT is_imported ${isOne ? 'AND payment_id = $2' : ''} AND NOT EXISTS (
      SELECT FROM payment_event here WHERE here.payment_id = known.payment_id AND here.version = known.version)`;
  const linesThatLack = `
    FROM streamed_line known
    WHERE NOT is_imported ${isOne ? 'AND occasion = $2' : ''} AND NOT EXISTS (SELECT FROM ledger_entry here WHERE here.booking_id = known.booking_id)`;
  return `
    WITH behind AS (
      SELECT payment_id AS id ${factsThatLack}
      UNION SELECT credit_note_id ${linesThatLack} AND credit_note_id IS NOT NULL
      ORDER BY id LIMIT $1
    ), lines AS (
      INSERT INTO ledger_entry (booking_id, line, payment_id, credit_note_id, account, debit, credit, occurred_at, value_date)
      SELECT booking_id, line, payment_id, credit_note_id, account, debit, credit, occurred_at, value_date ${linesThatLack} AND occasion IN (SELECT id FROM behind)
      ON CONFLICT DO NOTHING
    ), facts AS (
      INSERT INTO payment_event (payment_id, version, kind, amount, reference, reason, booking_id, occurred_at)
      SELECT payment_id, version, kind, amount, reference, reason, booking_id, occurred_at ${factsThatLack} AND payment_id IN (SELECT id FROM behind)
      ON CONFLICT DO NOTHING
    )
    SELECT id FROM behind`;
}
