import { type Client, escapeIdentifier } from 'pg';
import type { Purpose } from '../findings/run-store.js';
import { withAdmin } from './admin.js';
import { disarmTriggers } from './triggers.js';

/** Tells whoever asks on this connection, as long as it is open, that he alone looks after what plays a context's tape for this purpose. */
export async function isOnlyKeeper(admin: Client, context: string, purpose: Purpose): Promise<boolean> {
  const { rows: [lock] } = await admin.query<{ mine: boolean }>(`SELECT pg_try_advisory_lock(hashtextextended('banyan ' || $1, 0)) AS mine`, [`${purpose} of ${context}`]);
  return lock?.mine ?? false;
}

/** Nobody looks at the context any more: its changes are its own again, and the tape is empty. */
export function endTape(sourceUrl: string, context: string): Promise<void> {
  return withAdmin(sourceUrl, (admin) => end(admin, context));
}

/** The same, unless somebody looks after the tape, or is about to: whoever would be told to end it was gone when its time was over. */
export function endForgottenTape(sourceUrl: string, context: string): Promise<boolean> {
  return withAdmin(sourceUrl, async (admin) => {
    const isKept = !(await isOnlyKeeper(admin, context, 'shadow') && await isOnlyKeeper(admin, context, 'control'));
    if (!isKept) await end(admin, context);
    return !isKept;
  });
}

async function end(admin: Client, context: string): Promise<void> {
  await disarmTriggers(admin, context);
  await admin.query(`SET lock_timeout = '3s'; TRUNCATE ${escapeIdentifier(context)}.tape`);
}
