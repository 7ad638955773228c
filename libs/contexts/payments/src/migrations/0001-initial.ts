import type { Migration } from '@banyan/kernel/persistence';

/** Money is in minor units of the one currency of the shop. */
export const initial: Migration = {
  name: '0001-initial',
  sql: `
    CREATE TABLE payment (
      id uuid PRIMARY KEY,
      order_id uuid NOT NULL UNIQUE,
      customer_id text, -- null on a tombstone
      method text NOT NULL,
      amount bigint NOT NULL CHECK (amount >= 0),
      status text NOT NULL CHECK (status IN ('authorizing', 'authorized', 'declined', 'capturing', 'captured', 'voided', 'closed')),
      authorization_id text, -- the processor's name for it
      decline_code text,
      decline_message text,
      refunded bigint NOT NULL CHECK (refunded BETWEEN 0 AND amount),
      is_cancelled boolean NOT NULL,
      version integer NOT NULL,
      changed_at timestamptz NOT NULL,
      CONSTRAINT state_is_whole CHECK (CASE status
        WHEN 'declined' THEN decline_code IS NOT NULL AND decline_message IS NOT NULL
        WHEN 'authorized' THEN authorization_id IS NOT NULL
        WHEN 'capturing' THEN authorization_id IS NOT NULL
        WHEN 'captured' THEN authorization_id IS NOT NULL
        ELSE true END),
      CONSTRAINT only_captured_money_goes_back CHECK (refunded = 0 OR status = 'captured')
    ) WITH (fillfactor = 80);
    CREATE INDEX payment_of_customer ON payment (customer_id, id);

    CREATE TABLE refund (
      id uuid PRIMARY KEY,
      payment_id uuid NOT NULL REFERENCES payment,
      amount bigint NOT NULL CHECK (amount > 0),
      status text NOT NULL CHECK (status IN ('pending', 'settled', 'refused')),
      changed_at timestamptz NOT NULL
    );
    CREATE INDEX refund_pending ON refund (payment_id) WHERE status = 'pending';

    CREATE TABLE payment_event (
      payment_id uuid NOT NULL REFERENCES payment,
      version integer NOT NULL,
      kind text NOT NULL,
      amount bigint NOT NULL CHECK (amount >= 0),
      reference text, -- the refund it is about
      reason text, -- the code of a refusal
      booking_id uuid,
      occurred_at timestamptz NOT NULL,
      PRIMARY KEY (payment_id, version)
    );

    CREATE TABLE credit_note (
      id uuid PRIMARY KEY,
      customer_id text NOT NULL,
      amount bigint NOT NULL CHECK (amount >= 0),
      issued_at timestamptz NOT NULL,
      credited_at timestamptz NOT NULL
    );

    CREATE TABLE ledger_entry (
      booking_id uuid NOT NULL,
      line smallint NOT NULL,
      payment_id uuid REFERENCES payment,
      credit_note_id uuid REFERENCES credit_note,
      account text NOT NULL CHECK (account IN ('receivable', 'card-clearing', 'sales', 'refunds')),
      debit bigint NOT NULL,
      credit bigint NOT NULL,
      occurred_at timestamptz NOT NULL,
      value_date date NOT NULL,
      PRIMARY KEY (booking_id, line),
      CONSTRAINT one_side_of_a_booking CHECK (debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)),
      CONSTRAINT booked_for_something CHECK (num_nonnulls(payment_id, credit_note_id) = 1)
    );

    -- A booking is written by one statement, which has to balance by itself: so all of them always do.
    CREATE FUNCTION refuse_unbalanced_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE unbalanced uuid;
    BEGIN
      SELECT booking_id INTO unbalanced FROM written GROUP BY booking_id HAVING sum(debit) <> sum(credit) LIMIT 1;
      IF FOUND THEN
        RAISE EXCEPTION 'The booking % does not balance: write all of its lines in one statement.', unbalanced USING ERRCODE = 'check_violation';
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER bookings_balance AFTER INSERT ON ledger_entry
      REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_bookings();

    CREATE FUNCTION refuse_rewriting_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION '"%" is only ever added to: correct a mistake by another entry.', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();
    CREATE TRIGGER history_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payment_event
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting_history();
  `,
};
