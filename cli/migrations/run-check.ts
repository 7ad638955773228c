import { loggingModule } from '@banyan/kernel/observability';
import { openHouse } from '../house/index.js';
import type { Breach } from './breach.js';
import { type SchemaReport, checkMigrations } from './check.js';

/** Runs `banyan migrations check`. */
export async function runCheck(json: boolean): Promise<void> {
  loggingModule({ service: 'banyan migrations', level: 'fatal' }); // stdout is for the outcome
  const schemas = await checkMigrations(await openHouse());
  const breaches = schemas.flatMap((it) => it.breaches);
  const ok = breaches.length === 0;
  process.stdout.write(`${json ? JSON.stringify({ ok, schemas: schemas.map(({ breaches: _breaches, ...it }) => it), breaches }, null, 2) : readable(schemas)}\n`);
  process.exitCode = ok ? 0 : 1;
}

/** A line for each schema, then every breach with what to do instead. */
export function readable(schemas: readonly SchemaReport[]): string {
  const width = Math.max(...schemas.map(({ schema }) => schema.length));
  const lines = schemas.map(({ schema, migrations, contractions, breaches }) => {
    const declared = contractions.length > 0 ? `, ${contractions.length} of them take${contractions.length === 1 ? 's' : ''} away what nobody uses any more` : '';
    return `${breaches.length === 0 ? '✔' : '✖'} ${schema.padEnd(width)}  ${count(migrations, 'migration')}${declared}`;
  });
  const breaches = schemas.flatMap((it) => it.breaches);
  const total = schemas.reduce((sum, it) => sum + it.migrations, 0);
  const result = breaches.length === 0 ? `${count(total, 'migration')}: a version that runs goes on while any of them is applied.`
    : `${count(breaches.length, 'statement')} would break or block the version that runs. How two versions live together: docs/guides/two-versions.md`;
  return [...lines, '', ...breaches.flatMap(paragraph), result].join('\n');
}

function paragraph({ file, line, rule, migration, what, instead }: Breach): string[] {
  return [`${file}${line === undefined ? '' : `:${line}`}  ${rule}`, `    ${migration} ${what}.`, `    → ${instead}`, ''];
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
