import { kernelMigrations } from '@banyan/kernel/context';
import { facadeMigrations } from '@banyan/kernel/facade';
import type { Migration } from '@banyan/kernel/persistence';
import ts from 'typescript';
import { type House, type SourceFile, declarationsOf, sourcesOf } from '../house/index.js';

/** Migrations that are applied in this order to a schema, and the sources that they stand in. */
export interface MigrationList {
  /** The context, `facade`, or `kernel` for what is in every context's schema. */
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

/** Everything that is ever applied: the kernel's, which every context's schema has, the facade's, and each context's own. */
export function migrationLists(house: House): MigrationList[] {
  const kernel = house.files.filter(({ path }) => path.startsWith('libs/shared-kernel/') && !/\/test\/|\/testing\/|\.(?:test|fixture)\.ts$/.test(path));
  const isFacade = ({ path }: SourceFile): boolean => path.startsWith('libs/shared-kernel/facade/');
  return [
    { schema: 'kernel', migrations: kernelMigrations, files: kernel.filter((it) => !isFacade(it)) },
    { schema: 'facade', migrations: facadeMigrations, files: kernel.filter(isFacade) },
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
