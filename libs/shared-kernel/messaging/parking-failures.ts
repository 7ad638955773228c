/** Failures that are kept of one event; older ones are forgotten first. */
const MOST = 50;

/**
 * The part of an UPDATE of `inbox` that remembers a failure in the event's own row. The statement's `$3` is the error,
 * its attempts are those of the row. An outage fails the same try over and over: that is one failure, with a count.
 * @param state what becomes of the event
 */
export function failureNoted(state: 'waiting' | 'parked'): string {
  const again = `(failures -> -1) @> jsonb_build_object('state', '${state}', 'attempt', attempts, 'error', $3::text)`;
  const older = `CASE WHEN jsonb_array_length(failures) >= ${MOST} THEN failures - 0 ELSE coalesce(failures, '[]') END`;
  return `failures = CASE WHEN ${again} THEN jsonb_set(failures, '{-1,times}', to_jsonb((failures -> -1 ->> 'times')::integer + 1))
    ELSE ${older} || jsonb_build_object('state', '${state}', 'attempt', attempts, 'error', $3::text, 'times', 1, 'at', clock_timestamp()) END${state === 'parked' ? ', parked_at = clock_timestamp()' : ''}`;
}
