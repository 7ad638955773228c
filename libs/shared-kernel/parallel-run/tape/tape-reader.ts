import type { Database } from '../../persistence/index.js';
import { type TapeEntry, type TapeRow, entryOf } from './entry.js';

/** How far a tape is read: all that `seen` shows; of what `upto` shows besides, what is not behind `after`. */
export interface TapeCursor {
  /** A pg_snapshot. */
  readonly seen: string;
  readonly upto: string | null;
  readonly after: string;
}

/** Entries in their order, and where the tape is read to when they are done with. */
export interface TapePage {
  readonly entries: readonly TapeEntry[];
  /** The cursor after each of the entries. */
  readonly cursor: TapeCursor;
  /** What the page is taken from: all that this shows is on it or on the next ones. */
  readonly upto: string;
}

function cursorAt(snapshot: string): TapeCursor {
  return { seen: snapshot, upto: null, after: '0' };
}

/**
 * The next entries of a context's tape in the order of their commits, as far as they waited for each other: each once,
 * also those of transactions that began early and ended late. New is what one snapshot shows and the one before did not.
 * Served by tape_xid, and within a long window by the primary key.
 * @param reader may read the tape of this schema
 */
export async function readTape(reader: Database, schema: string, cursor: TapeCursor, limit: number): Promise<TapePage> {
  const upto = cursor.upto ?? await snapshotOf(reader);
  const rows = await reader.query<TapeRow>(
    `SELECT position::text, xid::text, kind, entry, rows FROM "${schema}".tape
      WHERE xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot) AND pg_visible_in_snapshot(xid, $2::pg_snapshot)
        AND position > $3::bigint ORDER BY tape.position LIMIT $4`,
    [cursor.seen, upto, cursor.after, limit],
  );
  const last = rows.at(-1);
  const isWhole = rows.length < limit;
  return {
    entries: rows.map(entryOf), upto,
    cursor: isWhole || !last ? cursorAt(upto) : { seen: cursor.seen, upto, after: last.position },
  };
}

async function snapshotOf(reader: Database): Promise<string> {
  const [row] = await reader.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
  return row?.snapshot ?? '';
}
