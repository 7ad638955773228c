import type { Arrow, Room } from '../../house/index.js';
import { type Objection, type RoomRules, deepImport, objectionToLibrary } from './objection.js';

/** An app wires: it sees the kernel and the contexts by their packages, and no other app. */
export const fromApp: RoomRules = (arrow, room, libraries) => {
  const { target } = arrow;
  if (target.is === 'package') return objectionToLibrary(target.name, room, libraries);
  if (target.is !== 'file' || !target.room) return undefined;
  if (room.isTest && target.room.kind === 'cli') return undefined;
  if (target.room.kind !== 'app') return byPackage(arrow, room, target.room);
  return {
    rule: 'app-imports-app', subject: target.room.id, problem: `${room.id} imports ${target.path} of ${target.room.id}: each app starts by itself.`,
    instead: 'Move what both need into a room of the kernel.',
  };
};

/** The command line sees what apps see; its own rooms know each other by their doors. */
export const fromCli: RoomRules = (arrow, room, libraries) => {
  const { target } = arrow;
  if (target.is === 'package') return objectionToLibrary(target.name, room, libraries);
  if (target.is !== 'file' || !target.room) return undefined;
  if (target.room.kind === 'tools' || (room.isTest && target.room.kind === 'app')) return undefined; // tools: the launcher's alone
  if (target.room.kind !== 'cli') return byPackage(arrow, room, target.room);
  const door = `cli/${target.room.name}/index.ts`;
  return target.path === door ? undefined : deepImport(room, target.room, target.path, door.replace('.ts', '.js'));
};

/** What installs and builds the product runs before there is one. */
export const fromTools: RoomRules = ({ target }, room, libraries) => {
  if (target.is === 'package') return objectionToLibrary(target.name, { ...room, isTest: true }, libraries);
  if (target.is !== 'file' || !target.room) return undefined;
  return {
    rule: 'tools-import-product', subject: target.room.id, problem: `tools imports ${target.path} of ${target.room.id}, which is compiled only later.`,
    instead: 'Start it as a program, once it is built.',
  };
};

function byPackage({ target }: Arrow, from: Room, to: Room): Objection | undefined {
  if (target.is !== 'file') return undefined;
  const door = to.kind === 'kernel' ? `@banyan/kernel/${to.name}` : to.kind === 'contract' ? `@banyan/${to.name}/contract` : `@banyan/${to.name}`;
  if (!target.isPackage) return deepImport(from, to, target.path, door);
  if (to.kind !== 'kernel' || to.name !== 'testing' || from.isTest) return undefined;
  return {
    rule: 'product-imports-test', subject: to.id, problem: `${from.id} imports ${to.id}, which is for tests.`,
    instead: 'Production code has no test switches. Move what the product needs into another room.',
  };
}
