import type { Arrow, House, Room } from '../../house/index.js';
import type { Violation } from '../violation.js';
import { fromContext, fromContract } from './from-context.js';
import { fromKernel } from './from-kernel.js';
import { fromApp, fromCli, fromTools } from './from-program.js';
import { type Libraries, readLibraries } from './libraries.js';
import type { Objection } from './objection.js';

/** Judges every import of the house by the rules of the room it starts in. */
export async function arrowViolations(house: House): Promise<Violation[]> {
  const libraries = await readLibraries(house.root);
  return house.arrows.flatMap((arrow) => {
    const objection = objectionTo(arrow, libraries);
    return objection ? [{ wall: 'imports' as const, file: arrow.from.path, line: arrow.line, ...objection }] : [];
  });
}

function objectionTo(arrow: Arrow, libraries: Libraries): Objection | undefined {
  const { room, target } = arrow;
  if (!room) return undefined; // reported for the file as a whole
  if (target.is === 'unknown') {
    return {
      rule: 'import-unreadable', subject: arrow.specifier ?? 'import()', problem: `This import of ${room.id} ${target.why}.`,
      instead: 'Import a file by its relative path or a package by its name, as a literal, so that everybody can see where it leads.',
    };
  }
  if (target.is === 'file') {
    if (!target.room) return undefined; // the other file is reported as homeless
    const crossing = strangeCrossing(room, target.room, target.path);
    if (crossing) return crossing;
    if (sameHouse(room, target.room)) return undefined;
  }
  return rules[room.kind](arrow, room, libraries);
}

const rules = { kernel: fromKernel, contract: fromContract, context: fromContext, app: fromApp, cli: fromCli, tools: fromTools };

/** What no room may do, whatever its kind. */
function strangeCrossing(from: Room, to: Room, path: string): Objection | undefined {
  if (!from.isTest && to.isTest) {
    return {
      rule: 'product-imports-test', subject: path, problem: `${from.id} imports ${path}, which belongs to the tests of ${to.id}.`,
      instead: 'Tests are not delivered. Move what the product needs out of the test.',
    };
  }
  const isProgram = to.kind === 'app' || to.kind === 'cli' || to.kind === 'tools';
  const isLauncher = from.id === 'cli' && to.kind === 'tools';
  if (isProgram && from.kind !== to.kind && !isLauncher && !testsPrograms(from)) {
    return {
      rule: 'nobody-imports-programs', subject: to.id, problem: `${from.id} imports ${to.id} (${path}), which is a program.`,
      instead: 'Programs are started, not imported. Move what both need into a room of the kernel.',
    };
  }
  return undefined;
}

/** The test of a program may drive other programs, as people do. */
function testsPrograms({ kind, isTest }: Room): boolean {
  return isTest && (kind === 'app' || kind === 'cli');
}

function sameHouse(from: Room, to: Room): boolean {
  return from.kind === to.kind && from.name === to.name;
}
