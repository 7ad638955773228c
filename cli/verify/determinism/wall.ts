import { type House, type SourceFile, roomOf, sourcesOf } from '../../house/index.js';
import type { Finding, Violation } from '../violation.js';
import { hiddenGlobals } from './globals.js';
import { hiddenInput } from './hidden-inputs.js';
import { hiddenImports } from './modules.js';
import { hiddenInSql } from './sql-inputs.js';

/** Contexts take time, ids, chance and the outside world from the kernel alone: the sources. What PostgreSQL adds, the schemas show. */
export function determinismWall(house: House): Finding {
  const files = house.contexts.flatMap(({ name }) => sourcesOf(house, name).map((file) => ({ name, file })));
  const violations = files.flatMap(({ name, file }) => inFile(house, name, file));
  return { wall: 'determinism', seen: `${files.length} files`, violations };
}

function inFile({ arrows }: House, context: string, file: SourceFile): Violation[] {
  const spotted = [...hiddenGlobals(file), ...arrows.filter(({ from }) => from === file).flatMap(hiddenImports), ...hiddenInSql(file)];
  return spotted.map((it) => hiddenInput(roomOf(file.path)?.id ?? context, file, it));
}
