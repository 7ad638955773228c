/** What Diffy counts for a field: requests, those whose candidate differed, those whose second primary differed. */
export interface DiffyCounts {
  readonly total: number;
  readonly raw: number;
  readonly noise: number;
}

/** Diffy's defaults, in per cent: `threshold.relative` and `threshold.absolute` of its settings. */
const [RELATIVE, ABSOLUTE] = [20, 0.03];

/**
 * Diffy's rule as it ships (opendiffy/diffy, `JoinedDifferences.scala`): a field is shown as different when the
 * candidate differed more often than the second primary, by more than 20 % of both together, and by more than 0.03 %
 * of all requests.
 */
export function diffyAlarms({ total, raw, noise }: DiffyCounts): boolean {
  if (raw <= noise) return false;
  return (100 * (raw - noise)) / (raw + noise) > RELATIVE && (100 * (raw - noise)) / total > ABSOLUTE;
}
