import { type Arrow, type Room, isForContexts } from '../../house/index.js';
import { hostNames } from './host-names.js';
import { type Objection, type RoomRules, deepImport, objectionToLibrary } from './objection.js';

/** Libraries that every context may use. Another one needs an entry in exceptions.json, with its reason. */
const commonLibraries: readonly string[] = ['zod', '@nestjs/common', '@nestjs/swagger', 'rxjs'];

/** What a contract is made of. */
const contractRooms: readonly string[] = ['contract', 'words'];

/** A context sees itself, the kernel's rooms and the contracts of others. That it declares those is looked at elsewhere. */
export const fromContext: RoomRules = (arrow, room, libraries) => {
  const { target } = arrow;
  if (target.is === 'package') return room.isTest ? objectionToLibrary(target.name, room, libraries) : objectionToStranger(target.name, room);
  if (target.is !== 'file' || !target.room) return undefined;
  const to = target.room;
  if (to.kind === 'kernel') return intoKernel(arrow, room, to, target.path, target.isPackage);
  if (to.name === room.name) return undefined;
  if (to.kind === 'contract') return target.isPackage ? undefined : deepImport(room, to, target.path, `@banyan/${to.name}/contract`);
  return {
    rule: 'context-imports-context', subject: to.id,
    problem: `${room.id} imports ${target.path}, which is the inside of ${to.id}.`,
    instead: `Contexts know each other by contract: call a command or query of @banyan/${to.name}/contract, or listen to one of its events. Whichever it is, declare it in "calls" or "listensTo".`,
  };
};

/** A contract is words and shapes alone, so that whoever imports it gets nothing else with it. */
export const fromContract: RoomRules = (arrow, room, libraries) => {
  const { target } = arrow;
  if (room.isTest) return fromContext(arrow, room, libraries);
  if (target.is === 'package' && target.name === 'zod') return undefined;
  if (target.is === 'file' && target.room?.kind === 'kernel' && target.isPackage && contractRooms.includes(target.room.name)) return undefined;
  const other = target.is === 'file' ? target.room?.id ?? target.path : target.is === 'unknown' ? 'something' : target.name;
  return {
    rule: 'contract-imports', subject: other,
    problem: `${room.id} imports ${other}; a contract imports nothing but zod, @banyan/kernel/contract and @banyan/kernel/words.`,
    instead: 'Describe the shape here, in zod; two contracts that say the same may differ tomorrow. What does something belongs into src/.',
  };
};

function objectionToStranger(name: string, { id }: Room): Objection | undefined {
  if (commonLibraries.includes(name)) return undefined;
  return {
    rule: 'library-unknown', subject: name,
    problem: `${id} imports the library ${name}, which contexts may not use by themselves (they may use ${commonLibraries.join(', ')}).`,
    instead: `Ask the kernel for it. If this context, and no other, needs ${name} for its own job, say why in cli/verify/exceptions.json.`,
  };
}

function intoKernel(arrow: Arrow, from: Room, to: Room, path: string, isPackage: boolean): Objection | undefined {
  if (!isPackage) return deepImport(from, to, path, `@banyan/kernel/${to.name}`);
  if (from.isTest) return undefined;
  if (!isForContexts(to.name)) {
    return {
      rule: 'room-not-for-contexts', subject: to.id, problem: `${from.id} imports ${to.id}, which decides where contexts run or how they are tested.`,
      instead: 'A context behaves the same wherever it runs. Leave this to the app, or move it into a test.',
    };
  }
  if (to.name === 'context' && !arrow.from.path.endsWith('.context.ts')) {
    return {
      rule: 'declaration-elsewhere', subject: to.id, problem: `${arrow.from.path} of ${from.id} imports ${to.id}, which is for the file with the declaration.`,
      instead: `Declare everything in ${from.name}.context.ts; one file tells what a context owns and whom it knows.`,
    };
  }
  return hostNames(arrow, from, to);
}
