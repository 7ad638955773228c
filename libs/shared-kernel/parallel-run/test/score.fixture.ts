import { readFileSync } from 'node:fs';
import type { PlantedDifference } from './planted-differences.fixture.js';

/** The page on what counts as found. */
export function readDocument(): string {
  return readFileSync(new URL('../../../../docs/parallel-run.md', import.meta.url), 'utf8');
}

/** The score of the planted differences, as a table. */
export function scoreLines(differences: readonly PlantedDifference[]): string[] {
  return ['| Planted | Said | Where |', '| --- | --- | --- |', ...differences.map(lineOf)];
}

function lineOf({ name, found, missed }: PlantedDifference): string {
  const [most = '', ...others] = found;
  const where = most === '' ? '' : `\`${most}\`${others.length > 0 ? ` and ${others.length} more` : ''}`;
  return `| ${name} | ${missed !== undefined ? '**missed**' : found.length > 0 ? 'found' : 'equal'} | ${where} |`;
}

/** Says at the end how many of them came out as they should. */
export function writeScore(names: readonly string[]): void {
  process.stdout.write(`\nPlanted differences that came out as promised: ${names.length}\n${names.map((it) => `  ${it}\n`).join('')}`);
}
