import { readable, times } from './table.mjs';

/**
 * What the project has set itself: a ratio, `{ figure, against, than, atLeast }`, or a figure of ours, `{ figure, atMost }`.
 * `against` names peers, of which the one that we do worst against counts (so: the fastest), or is `['undisturbed']`.
 * @typedef {object} Target
 * @property {string} figure @property {string[]} [against] @property {string} [than] `against` in words
 * @property {number} [atLeast] @property {number} [atMost]
 *
 * @typedef {object} Verdict as it stands in the results
 * @property {string} target in words @property {string} wanted @property {string} measured
 * @property {boolean | null} isReached null: there was nothing to measure
 */

/**
 * @param {{ figures: object, targets?: Target[], contenders: { name: string, ours?: boolean }[] }} bench
 * @param {{ results: object[], ratios: Record<string, number> }} outcome @returns {Verdict[]}
 */
export function verdictsOn(bench, outcome) {
  return (bench.targets ?? []).map((it) => (it.atMost === undefined ? onRatio(it, outcome) : onFigure(it, bench, outcome)));
}

function onRatio({ figure, against, than, atLeast }, { ratios }) {
  const found = against.map((peer) => ({ peer, ratio: ratios[`${figure}/${peer}`] })).filter((it) => it.ratio !== undefined);
  const worst = found.reduce((least, it) => (least && least.ratio <= it.ratio ? least : it), undefined);
  const named = worst && against.length > 1 ? ` (${worst.peer})` : '';
  return verdict(`\`${figure}\`, ours as a multiple of ${than}`, `≥ ${atLeast}×`, worst && `${times(Math.floor(worst.ratio * 100) / 100)}${named}`, worst && worst.ratio >= atLeast);
}

function onFigure({ figure, atMost }, { figures, contenders }, { results }) {
  const ours = contenders.find((it) => it.ours).name;
  const median = results.find((it) => it.name === `${figure}/${ours}`)?.median ?? undefined;
  const { unit } = figures[figure];
  return verdict(`\`${figure}\` of ours`, `≤ ${atMost} ${unit}`, median && `${readable(median)} ${unit}`, median && median <= atMost);
}

const verdict = (target, wanted, measured, isReached) => ({ target, wanted, measured: measured ?? '–', isReached: isReached ?? null });

/** @param {Verdict} verdict */
export const inAWord = ({ isReached }) => (isReached === null ? 'not measured' : isReached ? 'reached' : 'missed');
