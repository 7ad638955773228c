import { table } from '../client/index.js';
import type { Finding, Run } from './api.js';

/** Digits of an id that are enough among the findings of a run. */
export const SHORT = 8;

/** Why inputs were not compared, in words. */
export const NOT_COMPARED = {
  applied: 'transactions were taken over as they were: their input was not on the tape, had begun before, or had differed already',
  skipped: 'ends of inputs had begun before the copy was made',
  undecided: 'reads could have seen several states, and none of them gave their answer',
  unanswered: 'inputs did not say on the tape how they ended',
  dropped: 'ends of inputs found no room on the tape',
} as const;

/** The report as somebody at a terminal reads it. */
export function reportText(run: Run, findings: readonly Finding[]): string {
  return [headOf(run), coverageText(run), notComparedText(run), findingsText(run, findings), gateText(run), nextText(run, findings)].filter((it) => it !== '').join('\n\n');
}

function headOf({ context, shadow: { state, trouble, startedAt, behind, restarts }, control, gate: { isOpen, score } }: Run): string {
  return [
    `${context}: the gate is ${isOpen ? 'open' : 'closed'}, score ${percent(score)}`,
    `The shadow is ${state} since ${startedAt}, ${count(behind, 'entry', 'entries')} of the tape behind${restarts > 0 ? `, started again ${count(restarts, 'time', 'times')}` : ''}.${trouble === null ? '' : ` ${trouble}`}`,
    control ? controlText(control) : 'No control runs beside it: inputs are pinned, and one difference is a finding.',
  ].join('\n');
}

/** Of the old build beside. */
export function controlText({ state, trouble, compared, behind, restarts }: NonNullable<Run['control']>): string {
  const more = restarts > 0 ? `, started again ${count(restarts, 'time', 'times')}` : '';
  return `A control (the old build) is ${state} beside it, to tell noise from change: ${count(compared, 'input', 'inputs')} compared, ${count(behind, 'entry', 'entries')} of the tape behind${more}.${trouble === null ? '' : ` ${trouble}`}`;
}

function coverageText({ coverage, uncovered, required }: Run): string {
  if (coverage.length === 0) return 'Nothing was compared yet. Let requests come.';
  const rows = coverage.map((it) => [it.endpoint, it.outcome, String(it.compared), String(it.equal), it.wrote === 0 ? 'it only reads' : it.compared >= required ? 'enough' : `${required - it.compared} more needed`]);
  const missing = uncovered.length > 0 ? [`Never compared: ${uncovered.join(', ')}.`] : [];
  return ['What was compared', indented(table([['endpoint', 'outcome', 'compared', 'the same', ''], ...rows])), ...missing].join('\n');
}

function notComparedText({ shadow }: Run): string {
  const lines = Object.entries(NOT_COMPARED).flatMap(([name, why]) => {
    const number = Number(shadow[name] ?? 0);
    return number > 0 ? [`  ${String(number).padStart(6)}  ${why}`] : [];
  });
  return lines.length === 0 ? '' : ['What was not compared, and why', ...lines].join('\n');
}

function findingsText({ coverage }: Run, findings: readonly Finding[]): string {
  if (findings.length === 0) return coverage.length === 0 ? '' : 'Nothing was done differently.';
  const lines = findings.flatMap((it) => [
    `  ${it.id.slice(0, SHORT)}  ${it.judgement}: ${it.field} of ${it.endpoint} (${it.kind}), ${count(it.count, 'time', 'times')}`,
    `            ${it.because}`,
    `            first ${it.firstSeen}, last ${it.lastSeen}`,
  ]);
  return ['What was done differently', ...lines].join('\n');
}

function gateText({ gate: { checks } }: Run): string {
  return ['The gate', ...checks.map(({ name, ok, figures, explanation }) => {
    const figured = Object.entries(figures).map(([key, value]) => `${key} ${value}`).join(', ');
    return `  ${ok ? '✔' : '✖'} ${name} (${figured})${ok ? '' : `\n      ${explanation}`}`;
  })].join('\n');
}

function nextText({ context, gate: { isOpen }, epsilon, coverage }: Run, findings: readonly Finding[]): string {
  const first = findings.find(({ judgement }) => judgement === 'finding') ?? findings.find(({ judgement }) => judgement === 'suspect');
  const told = epsilon === 0.001 ? '' : ` --epsilon ${epsilon}`;
  const steps: [string, string][] = isOpen ? [['send it traffic', `npx banyan stage ${context} canary --percent 10${told} --reason …`]]
    : first ? [
      ['look at it', `npx banyan shadow show ${first.id.slice(0, SHORT)}`],
      ['make a failing test of it', `npx banyan shadow export ${first.id.slice(0, SHORT)}`],
      ['or answer for it', `npx banyan shadow waive ${first.id.slice(0, SHORT)} --owner … --reason … --expires 14d`],
    ]
      : [['let it go on, and look again', `npx banyan shadow report ${context}${told}`], ...(coverage.length > 0 ? [['or accept to know less', `npx banyan shadow report ${context} --epsilon ${Math.min(0.5, epsilon * 10)}`] as [string, string]] : [])];
  return ['What to do next', ...steps.map(([what, how]) => `  ${`${what}:`.padEnd(30)} ${how}`)].join('\n');
}

function indented(text: string): string {
  return text.split('\n').map((it) => `  ${it.trimEnd()}`).join('\n');
}

export function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`;
}

export function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
