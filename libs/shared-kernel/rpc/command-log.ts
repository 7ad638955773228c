import { MaybeExecuted } from '../contract/index.js';
import { ConflictRetry, type Database, type Migration } from '../persistence/index.js';
import { CommandKeyReused } from './errors.js';
import { jsonHash } from './json.js';

/** The table of handled commands, in the schema of the context that handles them. */
export const rpcMigrations: Migration[] = [{
  name: 'rpc-0001-command-log',
  sql: `
    CREATE TABLE command_log (
      command         text        NOT NULL,
      idempotency_key text        NOT NULL,
      input_hash      text        NOT NULL,
      reply           jsonb,
      handled_at      timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (command, idempotency_key)
    );
    -- Rows arrive in the order of their age: a BRIN index finds the old ones and costs the writes next to nothing.
    CREATE INDEX command_log_by_age ON command_log USING brin (handled_at);
  `,
}];

const QUERY_CANCELED = '57014';

export interface LoggedCommand {
  readonly command: string;
  readonly idempotencyKey: string;
  readonly input: unknown;
}

/**
 * Runs the work at most once per command and key, inside the open transaction of the context.
 *
 * A transaction-level advisory lock on (context, command, key) makes a second delivery wait for the first, no longer
 * than its deadline or the database's statement timeout allow; it ends with the transaction, also when the process dies. Then the log decides:
 * a stored reply is the answer, otherwise the work runs and its reply is stored with its effects. What throws rolls
 * back and is not stored.
 * @throws CommandKeyReused when the key came with another input before
 * @throws DeadlineExceeded or MaybeExecuted when another run with the key was still under way when the wait ended
 */
export async function oncePerKey(database: Database, logged: LoggedCommand, work: () => Promise<unknown>): Promise<unknown> {
  await waitForOtherRuns(database, logged);
  const inputHash = jsonHash(logged.input);
  const known = await lookUp(database, logged);
  if (!known) {
    const reply = await work();
    await store(database, logged, inputHash, reply);
    return reply;
  }
  if (known.input_hash !== inputHash) {
    throw new CommandKeyReused(`${logged.command} has handled the key "${logged.idempotencyKey}" with another input.`, { command: logged.command });
  }
  return known.is_empty ? undefined : known.reply;
}

/** A statement of its own: the look-up needs a snapshot that is taken after the wait. */
async function waitForOtherRuns(database: Database, { command, idempotencyKey }: LoggedCommand): Promise<void> {
  try {
    await database.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`command ${database.context} ${command} ${idempotencyKey}`]);
  } catch (error) {
    if (!(error instanceof ConflictRetry) && !wasCancelled(error)) throw error;
    throw new MaybeExecuted(`Another run of ${command} with the same key was still under way when the wait for it ended.`, { command });
  }
}

/** Without a deadline the database's own limit for a statement ends the wait. */
function wasCancelled(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === QUERY_CANCELED;
}

interface LogRow {
  readonly input_hash: string;
  readonly reply: unknown;
  readonly is_empty: boolean;
}

/** Served by the primary key. */
async function lookUp(database: Database, { command, idempotencyKey }: LoggedCommand): Promise<LogRow | undefined> {
  const [row] = await database.query<LogRow>(
    `SELECT input_hash, reply, reply IS NULL AS is_empty FROM command_log WHERE command = $1 AND idempotency_key = $2`,
    [command, idempotencyKey],
  );
  return row;
}

async function store(database: Database, { command, idempotencyKey }: LoggedCommand, inputHash: string, reply: unknown): Promise<void> {
  await database.query(
    `INSERT INTO command_log (command, idempotency_key, input_hash, reply) VALUES ($1, $2, $3, $4::jsonb)`,
    [command, idempotencyKey, inputHash, reply === undefined ? null : JSON.stringify(reply)],
  );
}

const PURGE_BATCH = 5_000;

/**
 * Forgets commands that were handled more than so many days ago and answers how many. From then on a repetition of
 * such a command runs again, so keep them longer than anybody goes on repeating: 30 days, unless a saga may be stuck
 * for longer. Short transactions; two purges at once do no harm.
 */
export async function purgeCommandLog(database: Database, olderThanDays = 30): Promise<number> {
  let purged = 0;
  for (;;) {
    // Served by command_log_by_age.
    const rows = await database.query<{ gone: number }>(
      `WITH gone AS (
         DELETE FROM command_log WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM command_log WHERE handled_at < now() - make_interval(days => $1) LIMIT $2 FOR UPDATE SKIP LOCKED))
         RETURNING 1)
       SELECT count(*)::int AS gone FROM gone`,
      [olderThanDays, PURGE_BATCH],
    );
    const gone = rows[0]?.gone ?? 0;
    purged += gone;
    if (gone < PURGE_BATCH) return purged;
  }
}
