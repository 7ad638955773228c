import { createHash } from 'node:crypto';
import type { Database, Migration } from '../persistence/index.js';

/** Whose key it is: one principal's keys are nobody else's. */
export interface KeyOwner {
  readonly principalId: string;
  readonly key: string;
}

/** An answer as it was sent. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body's JSON, or null when there was none. */
  readonly body: string | null;
}

/** What is known about a key. */
export type KeyState =
  | { readonly is: 'free' }
  | { readonly is: 'running' }
  | { readonly is: 'answered'; readonly requestHash: string; readonly answer: StoredAnswer };

interface Row {
  readonly locked: boolean;
  readonly request_hash: string | null;
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** The table of this room in every context's schema. */
export const idempotencyMigrations: Migration[] = [
  {
    name: 'http-0001-idempotency-key',
    sql: `
      CREATE TABLE idempotency_key (
        principal_id text NOT NULL,
        key text NOT NULL,
        route text NOT NULL,
        request_hash text NOT NULL,
        status smallint NOT NULL,
        headers jsonb NOT NULL,
        body text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (principal_id, key)
      );
      CREATE INDEX idempotency_key_created_at ON idempotency_key (created_at);
    `,
  },
];

/**
 * Looks a key up and takes it, within the open transaction. While the transaction lasts it holds an advisory
 * lock on (context, principal, key): who comes meanwhile sees `running`, nobody waits. When the process or the
 * connection dies, PostgreSQL rolls back and the lock is gone with it.
 *
 * The row is read with a snapshot that may be a moment older than the lock; a `free` that was answered in that
 * moment is caught by `storeAnswer`.
 */
export async function takeKey(database: Database, owner: KeyOwner): Promise<KeyState> {
  // Served by the primary key.
  const [row] = await database.query<Row>(
    `SELECT pg_try_advisory_xact_lock($3::bigint) AS locked, stored.request_hash, stored.status, stored.headers, stored.body
       FROM (VALUES (1)) AS one
       LEFT JOIN idempotency_key AS stored ON stored.principal_id = $1 AND stored.key = $2`,
    [owner.principalId, owner.key, lockOf(database.context, owner)],
  );
  if (row && row.request_hash !== null) {
    return { is: 'answered', requestHash: row.request_hash, answer: { status: row.status, headers: row.headers, body: row.body } };
  }
  return row?.locked ? { is: 'free' } : { is: 'running' };
}

/**
 * Stores the answer within the transaction that did the work.
 * @returns false when the key was answered by another transaction: this one must be rolled back
 */
export async function storeAnswer(database: Database, owner: KeyOwner, request: { route: string; hash: string }, answer: StoredAnswer): Promise<boolean> {
  // The primary key arbitrates.
  const stored = await database.query<{ key: string }>(
    `INSERT INTO idempotency_key (principal_id, key, route, request_hash, status, headers, body)
     VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7)
     ON CONFLICT DO NOTHING
     RETURNING key`,
    [owner.principalId, owner.key, request.route, request.hash, answer.status, JSON.stringify(answer.headers), answer.body],
  );
  return stored.length === 1;
}

/** Days a stored answer is kept at least; until then a key cannot be used for anything else. */
const KEPT_DAYS = 30;
const BATCH = 5_000;

/**
 * Deletes stored answers that are older than `days` (30 when left out), in batches that hold their locks
 * shortly. A request sent again after that is a new one.
 * @returns how many were deleted
 */
export async function purgeIdempotencyKeys(database: Database, days = KEPT_DAYS): Promise<number> {
  let deleted = 0;
  for (;;) {
    // Served by idempotency_key_created_at; rows that another purge is deleting are left to it.
    const batch = await database.query<{ key: string }>(
      `DELETE FROM idempotency_key
        WHERE (principal_id, key) IN (
          SELECT principal_id, key FROM idempotency_key
           WHERE created_at < clock_timestamp() - make_interval(days => $1)
           ORDER BY created_at LIMIT $2
             FOR UPDATE SKIP LOCKED)
       RETURNING key`,
      [days, BATCH],
    );
    deleted += batch.length;
    if (batch.length < BATCH) return deleted;
  }
}

/** 64 bits of a digest as PostgreSQL's signed bigint. Two keys that share them would only see each other's 409. */
function lockOf(context: string, { principalId, key }: KeyOwner): string {
  const digest = createHash('sha256').update(JSON.stringify(['idempotency', context, principalId, key])).digest();
  return digest.readBigInt64BE(0).toString();
}
