/** A number as people read it. @param {number | null} value */
export function readable(value) {
  if (value === null) return '–';
  return value >= 100 ? Math.round(value).toLocaleString('en') : String(value);
}

/** @param {number | undefined} ratio */
export const times = (ratio) => (ratio === undefined ? '' : `${ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2)}×`);

/**
 * The results as lines for a terminal.
 * @param {object} bench @param {ReturnType<import('./results.mjs').resultsOf>} results
 */
export function* printable(bench, results) {
  for (const [figure, { unit, better, about }] of Object.entries(bench.figures)) {
    const rows = results.results.filter((it) => it.name.startsWith(`${figure}/`));
    if (rows.length === 0) continue;
    yield '';
    yield `${figure} (${unit}, ${better} is better): ${about}`;
    for (const { name, median, min, max, note } of rows) {
      const contender = name.slice(figure.length + 1);
      const range = median === null ? '' : `${readable(min)} – ${readable(max)}`;
      yield `  ${contender.padEnd(26)}${readable(median).padStart(10)}  ${range.padEnd(20)} ${times(results.ratios[name]).padStart(7)}${note ? `  ${note}` : ''}`;
    }
    const calm = results.ratios[`${figure}/undisturbed`];
    if (calm !== undefined) yield `  ours as a share of itself undisturbed: ${times(calm)}`;
  }
  if (results.targets.some((it) => it.isReached !== null)) yield '';
  for (const { target, wanted, measured, isReached } of results.targets) {
    if (isReached !== null) yield `${isReached ? '✔' : '✖'} ${target.replaceAll('`', '')}: ${measured}, wanted ${wanted}`;
  }
}
