import type { Check } from '../../facade/index.js';
import type { ContractPart, CoverageCell, FieldStanding } from './standing.js';
import { type LatencyCounts, judgeLatency } from './latency.js';
import { type Waiver, isInForce } from './waivers.js';

/** How many of a list are named. */
const NAMED = 5;

/** No finding, or no suspect, that nobody answers for. */
export function differencesCheck(kind: 'finding' | 'suspect', open: readonly FieldStanding[]): Check {
  const asked = ({ control, controlRequired, both }: FieldStanding['verdict']): string => (kind === 'finding' ? '' : both > 0 ? '; the control too, each time: is it the old build?' : `; the control was asked ${control} of ${controlRequired} times`);
  const places = listed(open.map(({ endpoint, field, verdict }) => `${field} of ${endpoint} (${verdict.differed} of ${verdict.comparisons}${asked(verdict)})`));
  const wrong = kind === 'finding'
    ? `The candidate does something else: ${places}. Correct it, or waive it with an owner, a reason and an expiry.`
    : `Differences of which nobody can tell yet whether they are noise: ${places}. Wait, or look at them now.`;
  const right = kind === 'finding' ? 'Nothing was done differently that is not waived.' : 'No difference waits for the control.';
  return { name: `${kind}s`, ok: open.length === 0, figures: { open: open.length }, explanation: open.length > 0 ? wrong : right };
}

/** Waivers never hold the gate, but everybody sees them. */
export function waiversCheck(waivers: readonly Waiver[], waived: readonly FieldStanding[], score: number, at: Date): Check {
  const inForce = waivers.filter((it) => isInForce(it, at));
  const differed = waived.reduce((sum, { verdict }) => sum + verdict.differed, 0);
  const figures = { inForce: inForce.length, expired: waivers.length - inForce.length, waivedFields: waived.length, waivedDifferences: differed, score: percent(score) };
  const owners = listed(inForce.map((it) => `${it.field} (${it.owner}, until ${it.expires}: ${it.reason})`));
  const explanation = inForce.length === 0 ? 'Nothing is waived.' : `Somebody answers for ${owners}. They are compared and counted all the same.`;
  return { name: 'waivers', ok: true, figures, explanation };
}

/** Enough comparisons of every endpoint and outcome that writes; of a context that never writes, of all. */
export function comparisonsCheck(coverage: readonly CoverageCell[], required: number, { epsilon, alpha }: { epsilon: number; alpha: number }): Check {
  const writing = coverage.filter(({ writes }) => writes);
  const looked = writing.length > 0 ? writing : coverage;
  const short = looked.filter(({ compared }) => compared < required).sort((a, b) => a.compared - b.compared);
  const fewest = looked.length > 0 ? Math.min(...looked.map(({ compared }) => compared)) : 0;
  const what = `a difference in ${percent(epsilon)} of the inputs would have shown with ${percent(1 - alpha)}`;
  const explanation = looked.length === 0 ? `Nothing was compared yet. Each endpoint and outcome that writes needs ${required} comparisons.`
    : short.length === 0 ? `Each endpoint and outcome that writes was compared ${required} times or more: ${what}.`
    : `${short.length} of ${looked.length} have fewer than the ${required} comparisons after which ${what}: ${listed(short.map((it) => `${cellName(it)} has ${it.compared}`))}. Let it go on.`;
  return { name: 'comparisons', ok: looked.length > 0 && short.length === 0, figures: { required, epsilon, fewest, cells: looked.length, short: short.length }, explanation };
}

/** Everything that the contract promises and everything on the tape was compared at least once. */
export function coverageCheck(coverage: readonly CoverageCell[], contract: readonly ContractPart[]): Check {
  const compared = new Set(coverage.filter((it) => it.compared > 0).map(cellName));
  const endpoints = new Set(coverage.filter((it) => it.compared > 0).map(({ endpoint }) => endpoint));
  const promised = contract.flatMap(({ endpoint, outcomes }) => outcomes.map((outcome) => cellName({ endpoint, outcome })));
  const anyhow = contract.filter(({ outcomes }) => outcomes.length === 0).map(({ endpoint }) => endpoint);
  const cells = new Set([...promised, ...coverage.filter((it) => it.recorded > 0).map(cellName)]);
  const needed = [...cells, ...anyhow];
  const never = [...[...cells].filter((it) => !compared.has(it)), ...anyhow.filter((it) => !endpoints.has(it))];
  const explanation = needed.length === 0 ? 'Neither the contract nor the tape names anything to compare.'
    : never.length === 0 ? 'All that the contract promises and all that the tape holds was compared.'
    : `Never compared: ${listed(never)}. Wait for such inputs, or send some.`;
  return { name: 'coverage', ok: needed.length > 0 && never.length === 0, figures: { needed: needed.length, never: never.length }, explanation };
}

export function latencyCheck(counts: LatencyCounts, epsilon: number): Check {
  const { is, slowMs, pairs, candidateOnly, primaryOnly, required, logE } = judgeLatency(counts, { epsilon });
  const explanation = is === 'slower' ? `The slowest hundredth is more than a tenth slower: beyond ${ms(slowMs)} + 10 % were ${candidateOnly} answers of the candidate alone, beyond ${ms(slowMs)} ${primaryOnly} of the primary alone.`
    : is === 'insufficient' ? `${pairs} of ${required} pairs of durations are there. Let it go on.`
    : `Of ${pairs} pairs, ${candidateOnly} had only the candidate beyond ${ms(slowMs)} + 10 %, and ${primaryOnly} only the primary beyond ${ms(slowMs)}.`;
  return { name: 'latency', ok: is === 'not slower', figures: { pairs, required, candidateOnly, primaryOnly, p99: ms(slowMs), logE: Number(logE.toFixed(2)) }, explanation };
}

function cellName({ endpoint, outcome }: Pick<CoverageCell, 'endpoint' | 'outcome'>): string {
  return `${endpoint} → ${outcome}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

const percent = (share: number): string => `${Number((100 * share).toFixed(3))} %`;
const ms = (value: number): string => (value === Infinity ? 'unknown' : `${Number(value.toFixed(1))} ms`);
