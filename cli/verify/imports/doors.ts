import ts from 'typescript';
import { type House, roomOf } from '../../house/index.js';
import type { Violation } from '../violation.js';

/** A contract's index.ts is not a door but the contract itself. */
const DOOR = /^(?:libs\/(?:shared-kernel|contexts)|cli)\/[^/]+\/index\.ts$/;

/** A door says what a room lets others have, and holds nothing itself. */
export function doorViolations({ files }: House): Violation[] {
  return files.filter(({ path }) => DOOR.test(path)).flatMap((file) =>
    file.ast.statements.filter((it) => !(ts.isExportDeclaration(it) && it.moduleSpecifier)).map((statement): Violation => ({
      wall: 'imports', rule: 'door-defines', file: file.path, line: file.lineOf(statement), subject: 'definition',
      problem: `The door of ${roomOf(file.path)?.id ?? file.path} defines something itself.`,
      instead: 'Move it into a file of the room and export it here by name: export { name } from \'./file.js\'.',
    })));
}
