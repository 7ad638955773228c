import type { Migration } from '@banyan/kernel/persistence';

/** Personal data is in `recipient` alone; without name and address a row holds a place for somebody to register. */
export const initial: Migration = {
  name: '0001-initial',
  sql: `
    CREATE TABLE recipient (
      customer_id text PRIMARY KEY,
      name text,
      email text,
      CHECK ((name IS NULL) = (email IS NULL))
    );

    CREATE TABLE notification (
      id uuid PRIMARY KEY,
      event_id uuid NOT NULL,
      customer_id text NOT NULL REFERENCES recipient,
      order_id uuid NOT NULL,
      news jsonb NOT NULL,
      status text NOT NULL CHECK (status IN ('no-address', 'queued', 'sent', 'failed')),
      attempts integer NOT NULL DEFAULT 0,
      failure text,
      noted_at timestamptz NOT NULL,
      sent_at timestamptz,
      CONSTRAINT notification_once UNIQUE (event_id, customer_id),
      CHECK ((status = 'sent') = (sent_at IS NOT NULL)),
      CHECK ((status = 'failed') = (failure IS NOT NULL))
    );
    CREATE INDEX notification_by_customer ON notification (customer_id, id);
    CREATE INDEX notification_without_address ON notification (customer_id) WHERE status = 'no-address';
  `,
};
