import { type Client, escapeIdentifier } from 'pg';
import type { Purpose } from '../findings/run-store.js';
import type { Database } from '../../persistence/index.js';
import { withAdmin } from './admin.js';
import { disarmTriggers } from './triggers.js';

/** Tells whoever asks on this connection, as long as it is open, that he alone looks after what plays a context's tape for this purpose. */
export async function isOnlyKeeper(admin: Client, context: string, purpose: Purpose): Promise<boolean> {
  const { rows: [lock] } = await admin.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(hashtextextended('banyan ' || $1, 0)) AS mine`, [`${purpose} of ${context}`]);
  return lock?.mine ?? false;
}

/** Who look after what plays a context's tape at the moment: they play, or make a copy in order to. */
export async function keepersOf(database: Database, context: string): Promise<Purpose[]> {
  const held = await database.query<{ purpose: Purpose }>(
    `SELECT purpose FROM unnest(ARRAY['shadow', 'control']) AS purpose WHERE hashtextextended('banyan ' || purpose || ' of ' || $1, 0) IN (
       SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`, [context]);
  return held.map((it) => it.purpose);
}

/** The tape was ended while somebody made a copy that goes with it. */
class TapeEnded extends Error {}

/** Says which tape a context has, when nobody is ending it: one that was ended since, or half ended, is another one. */
export function tapeOf(sourceUrl: string, context: string): Promise<string> {
  return withAdmin(sourceUrl, async (admin) => {
    await turnAtTape(admin, context);
    return nameOfTape(admin, context);
  });
}

/** Lets somebody begin to play a tape, unless it was ended since. @throws TapeEnded */
export function beginOnTape<T>(sourceUrl: string, { context, tape, begin }: { readonly context: string; readonly tape: string; readonly begin: () => Promise<T> }): Promise<T> {
  return withAdmin(sourceUrl, async (admin) => {
    await turnAtTape(admin, context);
    if (await nameOfTape(admin, context) !== tape) throw new TapeEnded(`the tape of ${context} was ended while the copy was made, so what changed since then is on neither of them.`);
    return begin();
  });
}

/**
 * Nobody looks at the context any more: its changes are its own again, and the tape is empty. Nobody begins to play it meanwhile.
 * @param isToEnd asked when it is certain that nobody begins: may say no, and lets those go who play
 */
export function endTape(sourceUrl: string, context: string, isToEnd: IsToEnd = async () => true): Promise<boolean> {
  return withAdmin(sourceUrl, (admin) => end(admin, context, isToEnd));
}

/** The same, unless somebody looks after the tape, or is about to: whoever would be told to end it was gone when its time was over. */
export function endForgottenTape(sourceUrl: string, context: string, isToEnd: IsToEnd = async () => true): Promise<boolean> {
  return withAdmin(sourceUrl, async (admin) => {
    const isKept = !(await isOnlyKeeper(admin, context, 'shadow') && await isOnlyKeeper(admin, context, 'control'));
    return !isKept && end(admin, context, isToEnd);
  });
}

type IsToEnd = () => Promise<boolean>;

async function end(admin: Client, context: string, isToEnd: IsToEnd): Promise<boolean> {
  await turnAtTape(admin, context);
  if (!await isToEnd()) return false;
  // First, so that it is another tape even if somebody who is in the way keeps some of the triggers; last, for what these still wrote.
  await truncate(admin, context);
  await disarmTriggers(admin, context);
  await truncate(admin, context);
  return true;
}

async function truncate(admin: Client, context: string): Promise<void> {
  await admin.query(`BEGIN; SET LOCAL lock_timeout = '3s'; TRUNCATE ${escapeIdentifier(context)}.tape; COMMIT`);
}

/** One after the other, until this connection is closed. */
async function turnAtTape(admin: Client, context: string): Promise<void> {
  await admin.query(`SELECT pg_advisory_lock(hashtextextended('banyan tape of ' || $1, 0))`, [context]);
}

/** To be emptied is to get another file. */
async function nameOfTape(admin: Client, context: string): Promise<string> {
  const { rows: [tape] } = await admin.query<{ file: string }>('SELECT pg_relation_filenode($1::regclass)::text AS file', [`${escapeIdentifier(context)}.tape`]);
  return tape?.file ?? '';
}
