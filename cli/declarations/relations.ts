import type { ContextDeclaration } from '@banyan/kernel/context';
import { kernelMigrations } from '@banyan/kernel/context';
import type { Migration } from '@banyan/kernel/persistence';

const MADE = /\b(?:create\s+(?:or\s+replace\s+)?(?:unlogged\s+|materialized\s+)?(?:table|view)\s+(?:if\s+not\s+exists\s+)?|rename\s+to\s+)"?(\w+)"?/gi;

/** The tables and views that migrations make, as their text says. */
function relationsOf(migrations: readonly Migration[]): string[] {
  const made = migrations.flatMap(({ sql }) => [...sql.replace(/--.*$|\/\*[\s\S]*?\*\//gm, '').matchAll(MADE)].map((match) => match[1] ?? ''));
  return [...new Set(made)];
}

/** The tables and views that the kernel keeps in every context's schema. */
export const kernelRelations: readonly string[] = ['migration', ...relationsOf(kernelMigrations)];

/** Tables and views of a context's own. */
export function ownRelations({ migrations }: ContextDeclaration): string[] {
  return relationsOf(migrations);
}
