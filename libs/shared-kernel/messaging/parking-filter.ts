import type { ParkedFilter } from './parking-words.js';

/**
 * The parked rows of `inbox` that a filter means, with its parameters as $1 to $5. Served by inbox_held, which holds
 * what is parked or waits for its next try and nothing else.
 */
export const SELECTED = `status IN ('waiting', 'parked') AND status = 'parked'
  AND ($1::text IS NULL OR event_type = $1) AND ($2::text IS NULL OR aggregate_id = $2)
  AND ($3::text IS NULL OR strpos(lower(last_error), lower($3)) > 0)
  AND ($4::timestamptz IS NULL OR coalesce(parked_at, received_at) >= $4) AND ($5::uuid[] IS NULL OR event_id = ANY($5))`;

/** The parameters of `SELECTED`. */
export function parametersOf({ eventType, key, error, since, ids }: ParkedFilter): unknown[] {
  return [eventType ?? null, key ?? null, error ?? null, since ?? null, ids ?? null];
}
