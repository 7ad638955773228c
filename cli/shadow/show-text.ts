import type { Sampled } from './api.js';
import { paired } from './pair.js';
import { SHORT, count } from './report-text.js';

/** Characters of one side. */
const SIDE = 76;

/** One finding as somebody at a terminal reads it. */
export function showText(finding: Sampled): string {
  const { id, context, endpoint, output, kind, field, judgement, because, firstSeen, lastSeen, input, primary, candidate, differences, tape } = finding;
  const facts: [string, string][] = [
    ['finding', id], ['context', context], ['endpoint', endpoint], ['field', `${field} (${output}, ${kind})`], ['judgement', `${judgement}: ${because}`],
    ['seen', `${count(finding.count, 'time', 'times')}, first ${firstSeen}, last ${lastSeen}`],
  ];
  const places = differences.map((it) => `  ${it.field} (${it.kind}): ${short(it.primary)} → ${short(it.candidate)}`);
  const pair = paired(primary, candidate).map((it) => `${it.isSame ? ' ' : '≠'} ${cut(it.primary).padEnd(SIDE)} │ ${cut(it.candidate)}`.trimEnd());
  return [
    ...facts.map(([name, value]) => `${name.padEnd(10)} ${value}`), '',
    'What differs: the original → the candidate', ...places, '',
    'What came in', ...JSON.stringify(input, null, 2).split('\n').map((it) => `  ${it}`), '',
    `  ${'the original'.padEnd(SIDE)} │ the candidate`, ...pair, '',
    tape === null ? 'What was there before this input is not known yet; the next mismatch of this kind brings it.' : `Make a failing test of it:  npx banyan shadow export ${id.slice(0, SHORT)}`,
  ].join('\n');
}

function cut(line: string | undefined): string {
  const text = line ?? '';
  return text.length > SIDE ? `${text.slice(0, SIDE - 1)}…` : text;
}

function short(value: unknown): string {
  const text = value === undefined || value === null ? 'nothing' : JSON.stringify(value);
  return text.length > SIDE ? `${text.slice(0, SIDE - 1)}…` : text;
}
