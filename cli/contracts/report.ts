import type { ContractReport } from './check.js';
import type { BrokenPromise, Note } from './finding.js';

/** The outcome of a check for people: each contract on a line, then every broken promise, then what to mind. */
export function readable(reports: readonly ContractReport[]): string {
  const width = Math.max(...reports.map(({ context }) => context.length));
  const broken = reports.flatMap((it) => it.broken);
  return [
    ...reports.map((it) => `${it.broken.length === 0 ? '✔' : '✖'} ${it.context.padEnd(width)}  ${stateOf(it)}`), '',
    ...broken.flatMap(paragraph),
    ...reports.flatMap((it) => it.notes).flatMap(remark),
    conclusion(reports, broken.length),
  ].join('\n');
}

function stateOf({ released, declaration: { contract }, broken, hasUnreleased }: ContractReport): string {
  const size = [count(Object.keys(contract.commands).length, 'command', 'commands'), count(Object.keys(contract.queries).length, 'query', 'queries'), count(Object.keys(contract.events).length, 'event', 'events')].join(', ');
  if (!released) return `${size}; never released, so nothing is promised yet`;
  if (broken.length > 0) return `${size}; ${count(broken.length, 'promise', 'promises')} broken`;
  return `${size}; ${hasUnreleased ? 'more than was released' : 'as released'}`;
}

function paragraph({ promise, rule, path, what, who, why, instead }: BrokenPromise): string[] {
  return [`${promise}${path && ` ${path}`}  ${rule}`, `    ${what}`, `    breaks ${who}: ${why}.`, `    → ${instead}`, ''];
}

function remark({ promise, path, what, mind }: Note): string[] {
  return [`${promise}${path && ` ${path}`}  to mind`, `    ${what}. ${mind}`, ''];
}

/** A line that begins with "note:" is shown beside the tick of `npm test`. */
function conclusion(reports: readonly ContractReport[], broken: number): string {
  if (broken > 0) {
    return `${count(broken, 'broken promise', 'broken promises')}. To break them on purpose: npx banyan contracts release --break "why". How to read this: docs/guides/contracts.md`;
  }
  const unreleased = reports.filter(({ hasUnreleased }) => hasUnreleased).map(({ context }) => context);
  const kept = 'Every promise of the last release is kept.';
  return unreleased.length === 0 ? kept : `${kept}\nnote: not released yet: ${unreleased.join(', ')} (npx banyan contracts release)`;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
