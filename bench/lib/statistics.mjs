/** The middle value; of an even number of values the mean of the two in the middle. @param {readonly number[]} values */
export function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The smallest value that at least this share of the values do not exceed. @param {Iterable<number>} values @param {number} share 0 to 1 */
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length === 0 ? null : sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/**
 * How we compare with a peer: each of our runs is divided by the run of the peer beside it, since what disturbs a
 * machine for a while disturbs neighbours alike; the median of these ratios counts.
 * @param {readonly (number | null)[]} ours @param {readonly (number | null)[]} theirs by round; null where there is none
 * @param {'more' | 'less'} better
 * @returns {number | null} more than 1 where we are better; null where there is no pair, or the peer came to nothing
 */
export function pairwiseRatio(ours, theirs, better) {
  const ratios = [];
  for (const [round, mine] of ours.entries()) {
    const other = theirs[round];
    if (mine === null || mine === undefined || other === null || other === undefined) continue;
    ratios.push(better === 'more' ? mine / other : other / mine);
  }
  const middle = median(ratios);
  return middle === null || !Number.isFinite(middle) ? null : rounded(middle);
}

/** To four digits, since nothing that is measured here has more. @param {number} value */
export function rounded(value) {
  return Number(value.toPrecision(4));
}
