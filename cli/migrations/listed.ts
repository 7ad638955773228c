import { kernelMigrations } from '@banyan/kernel/context';
import { eventStoreMigrations } from '@banyan/kernel/event-store';
import { FACADE, facadeMigrations } from '@banyan/kernel/facade';
import { PARALLEL_RUN, parallelRunMigrations } from '@banyan/kernel/parallel-run';
import type { Migration } from '@banyan/kernel/persistence';
import ts from 'typescript';
import { type House, type SourceFile, declarationsOf, sourcesOf } from '../house/index.js';

/** Migrations that are applied in this order to a schema, and the sources that they stand in. */
export interface MigrationList {
  /** The context, `facade`, `parallel_run`, `event-store` for what contexts may list, or `kernel` for what is in every context's schema. */
  readonly schema: string;
  readonly migrations: readonly Migration[];
  readonly files: readonly SourceFile[];
}

/** A migration as it is written down somewhere. */
export interface WrittenMigration {
  readonly name: string;
  readonly file: SourceFile;
  readonly start: number;
}

/** Everything that is ever applied: the kernel's, which every context's schema has, those of the facade and of parallel runs, and each context's own. */
export function migrationLists(house: House): MigrationList[] {
  const kernel = house.files.filter(({ path }) => path.startsWith('libs/shared-kernel/') && !/\/test\/|\/testing\/|\.(?:test|fixture)\.ts$/.test(path));
  const own = [
    { schema: FACADE, migrations: facadeMigrations, files: kernel.filter(({ path }) => path.startsWith('libs/shared-kernel/facade/')) },
    { schema: 'event-store', migrations: eventStoreMigrations, files: kernel.filter(({ path }) => path.startsWith('libs/shared-kernel/event-store/')) },
    { schema: PARALLEL_RUN, migrations: parallelRunMigrations, files: kernel.filter(({ path }) => path.startsWith('libs/shared-kernel/parallel-run/findings/')) },
  ];
  return [
    { schema: 'kernel', migrations: kernelMigrations, files: kernel.filter((file) => !own.some(({ files }) => files.includes(file))) },
    ...own,
    ...declarationsOf(house).map(({ name, migrations }) => ({ schema: name, migrations, files: sourcesOf(house, name) })),
  ];
}

/** Objects in the sources that have a name and SQL. */
export function writtenIn(files: readonly SourceFile[]): WrittenMigration[] {
  return files.filter(({ text }) => /\bsql\b/.test(text)).flatMap((file) => [...file.nodes()].flatMap((node) => {
    if (!ts.isObjectLiteralExpression(node)) return [];
    const valueOf = (key: string): ts.Expression | undefined => node.properties.filter(ts.isPropertyAssignment).find((it) => it.name.getText() === key)?.initializer;
    const name = valueOf('name');
    return name && ts.isStringLiteralLike(name) && valueOf('sql') ? [{ name: name.text, file, start: node.getStart(file.ast) }] : [];
  }));
}
