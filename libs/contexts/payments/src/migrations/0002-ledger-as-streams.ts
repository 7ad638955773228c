import type { Migration } from '@banyan/kernel/persistence';

/**
 * The books of each kind as the other kind has them, and the streams filled with what was booked so far. Whichever
 * ledger runs brings over by the same views what the other one has booked since.
 */
export const ledgerAsStreams: Migration = {
  name: '0002-ledger-as-streams',
  sql: `
    CREATE VIEW payment_as_stream AS
      SELECT 'payment' AS stream, payment_id AS id, version, kind AS type, 1 AS schema_version,
        jsonb_build_object('amount', amount, 'reference', reference, 'reason', reason, 'booking', (
          SELECT jsonb_build_object('id', booking_id, 'valueDate', min(value_date),
            'lines', jsonb_agg(jsonb_build_object('account', account, 'debit', debit, 'credit', credit) ORDER BY line))
          FROM ledger_entry WHERE ledger_entry.booking_id = payment_event.booking_id GROUP BY booking_id)) AS data,
        occurred_at
      FROM payment_event;

    CREATE VIEW credit_note_as_stream AS
      SELECT 'credit-note' AS stream, credit_note_id AS id, 1 AS version, 'credited' AS type, 1 AS schema_version,
        jsonb_build_object('booking', jsonb_build_object('id', booking_id, 'valueDate', min(value_date),
          'lines', jsonb_agg(jsonb_build_object('account', account, 'debit', debit, 'credit', credit) ORDER BY line))) AS data,
        min(occurred_at) AS occurred_at
      FROM ledger_entry WHERE credit_note_id IS NOT NULL GROUP BY credit_note_id, booking_id;

    CREATE VIEW streamed_fact AS
      SELECT id AS payment_id, version, type AS kind, (data->>'amount')::bigint AS amount, data->>'reference' AS reference,
        data->>'reason' AS reason, (data->'booking'->>'id')::uuid AS booking_id, occurred_at, is_imported
      FROM stream_event WHERE stream = 'payment';

    CREATE VIEW streamed_line AS
      SELECT (data->'booking'->>'id')::uuid AS booking_id, line::smallint AS line, id AS occasion,
        CASE stream WHEN 'payment' THEN id END AS payment_id, CASE stream WHEN 'credit-note' THEN id END AS credit_note_id,
        side->>'account' AS account, (side->>'debit')::bigint AS debit, (side->>'credit')::bigint AS credit,
        occurred_at, (data->'booking'->>'valueDate')::date AS value_date, is_imported
      FROM stream_event, jsonb_array_elements(data->'booking'->'lines') WITH ORDINALITY AS booked (side, line)
      WHERE stream IN ('payment', 'credit-note');

    INSERT INTO stream_event (stream, id, version, type, schema_version, data, occurred_at, is_imported)
      SELECT stream, id, version, type, schema_version, data, occurred_at, true FROM payment_as_stream ORDER BY id, version;
    INSERT INTO stream_event (stream, id, version, type, schema_version, data, occurred_at, is_imported)
      SELECT stream, id, version, type, schema_version, data, occurred_at, true FROM credit_note_as_stream;
  `,
};
