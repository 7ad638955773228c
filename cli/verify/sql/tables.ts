import type { ContextDeclaration } from '@banyan/kernel/context';
import { kernelMigrations } from '@banyan/kernel/context';
import type { Migration } from '@banyan/kernel/persistence';

const MADE = /\b(?:create\s+(?:or\s+replace\s+)?(?:unlogged\s+|materialized\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?|rename\s+to\s+)"?(\w+)"?/gi;

/** The tables and views that migrations make, as their text says. */
function tablesOf(migrations: readonly Migration[]): string[] {
  const made = migrations.flatMap(({ sql }) => [...sql.replace(/--.*$|\/\*[\s\S]*?\*\//gm, '').matchAll(MADE)].map((match) => match[1] ?? ''));
  return [...new Set(made)];
}

/** The tables that the kernel keeps in every context's schema. */
export const kernelTables: readonly string[] = ['migration', ...tablesOf(kernelMigrations)];

/** Tables of a context's own. */
export function ownTables({ migrations }: ContextDeclaration): string[] {
  return tablesOf(migrations);
}
