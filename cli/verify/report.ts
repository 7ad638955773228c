import type { Verdict } from './verify.js';
import type { Violation } from './violation.js';

/** The verdict for people: each wall on a line, then every violation with where it is and what to do instead. */
export function readable({ walls, violations, exceptions }: Verdict, seconds: number): string {
  const width = Math.max(...walls.map(({ wall }) => wall.length));
  const summary = walls.map((it) => `${it.violations === 0 ? '✔' : '✖'} ${it.wall.padEnd(width)}  ${it.seen}`);
  const broken = walls.filter((it) => it.violations > 0).length;
  const result = violations.length === 0
    ? `${count(walls.length, 'wall')} ${walls.length === 1 ? 'stands' : 'stand'}, with ${count(exceptions.length, 'exception')} (${seconds.toFixed(1)} s).`
    : `${count(violations.length, 'violation')} of ${count(broken, 'wall')}. What the walls are for, and how to read this: docs/guides/the-walls.md`;
  return [...summary, '', ...violations.flatMap(paragraph), result].join('\n');
}

function paragraph({ wall, rule, file, line, problem, instead }: Violation): string[] {
  return [`${file}${line === undefined ? '' : `:${line}`}  ${wall}/${rule}`, indented(problem), indented(`→ ${instead}`), ''];
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ');
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
