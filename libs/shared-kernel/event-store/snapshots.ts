import { Database } from '../persistence/index.js';
import type { SnapshotPlan } from './stream.js';

/** A state, and the version of the last event that is in it. */
export interface Standing<State> {
  readonly state: State;
  readonly version: number;
}

/** Which of a stream's events count. */
export interface Reach {
  /** Up to this version. */
  readonly upTo?: number | undefined;
  /** Up to the first that happened after this instant: an earlier event may have been added behind a later one, and no state was ever without that. */
  readonly asOf?: Date | undefined;
}

/** Where $1, $2 are the stream and $5 is the instant, if one is given. stream_event_pkey, up to the first that is later. */
export const BEFORE_ANY_LATER = `($5::timestamptz IS NULL OR version < coalesce(
  (SELECT later.version FROM stream_event later WHERE later.stream = $1 AND later.id = $2 AND later.occurred_at > $5 ORDER BY later.version LIMIT 1), 2147483647))`;

/** The newest snapshot within reach that this version of the code can read. What does not fit its schema is passed over. */
export async function newestSnapshot<State>(
  database: Database, stream: string, id: string, plan: SnapshotPlan<State>, { upTo, asOf }: Reach,
): Promise<Standing<State> | undefined> {
  // stream_snapshot_pkey, backwards
  const [row] = await database.query<{ version: number; state: unknown }>(
    `SELECT version, state FROM stream_snapshot
     WHERE stream = $1 AND id = $2 AND schema_version = $3 AND ($4::integer IS NULL OR version <= $4) AND ${BEFORE_ANY_LATER}
     ORDER BY version DESC LIMIT 1`,
    [stream, id, plan.version, upTo ?? null, asOf ?? null],
  );
  if (!row) return undefined;
  const parsed = plan.state.safeParse(row.state);
  return parsed.success ? { state: parsed.data, version: row.version } : undefined;
}

/** Keeps a state. Where another was quicker, that one stays. */
export async function storeSnapshot<State>(
  database: Database, stream: string, id: string, { version: schemaVersion }: SnapshotPlan<State>, { state, version }: Standing<State>,
): Promise<void> {
  await database.query(
    `INSERT INTO stream_snapshot (stream, id, schema_version, version, state, occurred_at)
     SELECT $1, $2, $3, $4, $5, occurred_at FROM stream_event WHERE stream = $1 AND id = $2 AND version = $4 -- stream_event_pkey
     ON CONFLICT DO NOTHING`,
    [stream, id, schemaVersion, version, JSON.stringify(state)],
  );
}
