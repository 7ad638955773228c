import { type Arrow, type Room, floorOf, isSideRoom, maySee } from '../../house/index.js';
import { type Objection, type RoomRules, deepImport, objectionToLibrary } from './objection.js';

/** The two lowest rooms are what everything else is spoken in: they stay free of libraries. */
const ownLibraries: Readonly<Record<string, readonly string[]>> = { words: [], contract: ['zod'] };

/** A room of the kernel sees the floors below it, by their doors, and no context. */
export const fromKernel: RoomRules = (arrow, room, libraries) => {
  const { target } = arrow;
  const allowed = room.isTest ? undefined : ownLibraries[room.name];
  if (target.is === 'builtin') return allowed ? onlyOwn(room, `node:${target.name}`, allowed) : undefined;
  if (target.is === 'package') {
    if (allowed) return allowed.includes(target.name) ? undefined : onlyOwn(room, target.name, allowed);
    return objectionToLibrary(target.name, { ...room, isTest: room.isTest || room.name === 'testing' }, libraries);
  }
  if (target.is !== 'file' || !target.room) return undefined;
  if (target.room.kind !== 'kernel') return knowsShop(room, target.room, target.path);
  return betweenRooms(arrow, room, target.room, target.path);
};

function onlyOwn({ id }: Room, name: string, allowed: readonly string[]): Objection {
  return {
    rule: 'kernel-ground-imports-library', subject: name,
    problem: `${id} imports ${name}; it may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing'}.`,
    instead: 'Contracts and the domain stand on this room. Put what needs a library on a higher floor.',
  };
}

function knowsShop(from: Room, to: Room, path: string): Objection {
  return {
    rule: 'kernel-names-context', subject: to.id, problem: `${from.id} imports ${path} of ${to.id}: the kernel knows no context.`,
    instead: 'Let the context, or the app, hand in what the kernel needs: a declaration, a contract, a function.',
  };
}

function betweenRooms(arrow: Arrow, from: Room, to: Room, path: string): Objection | undefined {
  if (from.isTest && to.name === 'testing') return undefined; // a test starts programs of that room by their file
  if (path !== `libs/shared-kernel/${to.name}/index.ts`) return deepImport(from, to, path, `libs/shared-kernel/${to.name}/index.js`);
  if (maySee(from.name, to.name) || (from.isTest && isSideRoom(to.name))) return undefined;
  const [here, there] = [`${from.id} (${floorOf(from.name)})`, `${to.id} (${floorOf(to.name)})`];
  return {
    rule: 'floor', subject: to.id,
    problem: `${here} imports ${arrow.names.join(', ') || 'something'} of ${there}: a room sees only the floors below it.`,
    instead: `Let ${to.id} import ${from.id}, hand the thing in as a parameter, or move it to a lower floor. If the order of rooms on one floor is to change, it is written in cli/house/floors.ts.`,
  };
}
