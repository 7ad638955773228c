import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, pairwiseRatio, rounded } from './statistics.mjs';
import { verdictsOn } from './targets.mjs';

/**
 * What a bench came to, as it is written to results/NAME.json: every figure of every contender as `<figure>/<contender>`,
 * how we compare as `<figure>/<peer>`, more than 1 where we are better, and whether that is what we had set ourselves.
 * @param {object} bench @param {import('./competition.mjs').Records} records @param {object[]} contenders @param {object} machine
 */
export function resultsOf(bench, records, contenders, machine, wants) {
  const figures = Object.entries(bench.figures).filter(([name]) => wants(name));
  const ours = contenders.find((it) => it.ours);
  const outcome = {
    results: figures.flatMap(([figure, { unit }]) => contenders.map((it) => resultOf(figure, unit, it.name, records)).filter((it) => it !== undefined)),
    ratios: Object.fromEntries(figures.flatMap(([figure, definition]) => [...ratiosOf(figure, definition, ours, contenders, records)])),
  };
  return { bench: bench.name, machine, at: new Date().toISOString(), targets: verdictsOn(bench, outcome), ...outcome };
}

function resultOf(figure, unit, contender, records) {
  const runs = records.values(figure, contender).filter((it) => it !== null).map(rounded);
  const reason = records.reason(figure, contender);
  if (runs.length === 0 && reason === undefined) return undefined;
  const range = runs.length === 0 ? { median: null, min: null, max: null } : { median: rounded(median(runs)), min: Math.min(...runs), max: Math.max(...runs) };
  return { name: `${figure}/${contender}`, unit, ...range, runs, ...(reason !== undefined && { note: reason }) };
}

function* ratiosOf(figure, { better, undisturbed, sameAs = figure }, ours, contenders, records) {
  if (!ours) return;
  const mine = records.values(figure, ours.name);
  for (const peer of contenders.filter((it) => !it.ours)) {
    const ratio = pairwiseRatio(mine, records.values(records.values(figure, peer.name).length > 0 ? figure : sameAs, peer.name), better);
    if (ratio !== null) yield [`${figure}/${peer.name}`, ratio];
  }
  const calm = undisturbed && pairwiseRatio(mine, records.values(undisturbed, ours.name), better);
  if (calm) yield [`${figure}/undisturbed`, calm];
}

/** @param {string} folder @param {{ bench: string }} results @returns {string} the file */
export function writeResults(folder, results) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${results.bench}.json`);
  writeFileSync(file, `${JSON.stringify(results, null, 2).replaceAll(/\[\s+([-\d.,\s]+?)\s+\]/g, (_, numbers) => `[${numbers.replaceAll(/\s+/g, ' ')}]`)}\n`);
  return file;
}

/** Everything that is there, in the order of the benches. @param {string} folder @param {string[]} order */
export function readResults(folder, order) {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((it) => it.endsWith('.json'));
  const all = files.map((it) => JSON.parse(readFileSync(join(folder, it), 'utf8')));
  return order.flatMap((name) => all.filter((it) => it.bench === name));
}
