import { Database } from '../persistence/index.js';

/** What the chain of hashes says about one stream. */
export interface StreamAudit {
  /** How many events there are. */
  readonly events: number;
  /** The hash of the last one, in hex; undefined for an empty stream. Kept elsewhere, it also proves that none was cut off at the end. */
  readonly head: string | undefined;
  /** Versions at which the chain does not hold: altered there, or something missing before it. Empty when all is well. */
  readonly broken: readonly number[];
}

/** Computes all hashes of a stream anew. */
export async function auditStream(database: Database, stream: string, id: string): Promise<StreamAudit> {
  // stream_event_pkey
  const [row] = await database.query<{ events: number; head: string | null; broken: number[] | null }>(
    `SELECT count(*)::integer AS events, encode((array_agg(hash ORDER BY version DESC))[1], 'hex') AS head,
       array_agg(version ORDER BY version) FILTER (WHERE version <> place OR hash <> made_anew OR previous_hash IS DISTINCT FROM hash_before) AS broken
     FROM (
       SELECT version, hash, previous_hash, stream_event_hash(event) AS made_anew,
         row_number() OVER (ORDER BY version) AS place, lag(hash) OVER (ORDER BY version) AS hash_before
       FROM stream_event event WHERE stream = $1 AND id = $2
     ) chain`,
    [stream, id],
  );
  return { events: row?.events ?? 0, head: row?.head ?? undefined, broken: row?.broken ?? [] };
}
