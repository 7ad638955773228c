import { z } from 'zod';
import { InvalidInput } from '../contract/index.js';

/** The query of every list: `?limit=` 1–100 (20 when left out) and the `?cursor=` that the page before gave. */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many to answer with, 1 to 100.'),
  cursor: z.string().min(1).max(1024).optional().describe('`nextCursor` of the page before. Opaque: do not build one.'),
});
export type PageQuery = z.output<typeof pageQuery>;

/** One page of a list. */
export interface Page<Row> {
  readonly data: Row[];
  /** To be sent as `?cursor=` for the page after; null on the last page. */
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
}

/**
 * Cuts a page from rows of which one more than asked for was read (`LIMIT limit + 1`).
 * @param cursorParts what the next query starts after, taken from the last row of the page; must fit in JSON
 */
export function page<Row>(rows: readonly Row[], limit: number, cursorParts: (row: Row) => unknown): Page<Row> {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  const hasMore = rows.length > limit;
  const nextCursor = hasMore && last !== undefined ? writeCursor(cursorParts(last)) : null;
  return { data, nextCursor, hasMore };
}

/**
 * Reads a cursor that `page` wrote; undefined on the first page.
 * @throws InvalidInput naming `?cursor` when it is none of ours
 */
export function readCursor<S extends z.ZodType>(cursor: string | undefined, parts: S): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  const parsed = parts.safeParse(decode(cursor));
  if (!parsed.success) throw strangeCursor();
  return parsed.data;
}

function writeCursor(parts: unknown): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function decode(cursor: string): unknown {
  const bytes = Buffer.from(cursor, 'base64url');
  // Node's decoder skips what is not base64url; a cursor that does not encode back was tampered with.
  if (bytes.toString('base64url') !== cursor) throw strangeCursor();
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw strangeCursor();
  }
}

function strangeCursor(): Error {
  return new InvalidInput(
    'The cursor is not one that this list gave out. Start again without it.', {},
    [{ path: '?cursor', message: 'Is not a cursor of this list.' }],
  );
}
