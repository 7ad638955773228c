import type { Arrow, Room } from '../../house/index.js';
import type { Libraries } from './libraries.js';

/** What is wrong with an import. */
export interface Objection {
  readonly rule: string;
  readonly subject: string;
  readonly problem: string;
  readonly instead: string;
}

/** The rules of one kind of room, for an import that leaves it. */
export type RoomRules = (arrow: Arrow, room: Room, libraries: Libraries) => Objection | undefined;

/** A library that npm installs only for development, or that package.json does not name at all. */
export function objectionToLibrary(name: string, { id, isTest }: Room, { product, development }: Libraries): Objection | undefined {
  if (product.has(name) || (isTest && development.has(name))) return undefined;
  return {
    rule: 'library-not-delivered', subject: name,
    problem: development.has(name)
      ? `${id} imports ${name}, which package.json has among the devDependencies: a delivered product has to do without it.`
      : `${id} imports ${name}, which package.json does not name.`,
    instead: `Name ${name} among the dependencies of the root's package.json, or do without it.`,
  };
}

/** Past a door: a file inside another room. */
export function deepImport(from: Room, to: Room, path: string, door: string): Objection {
  return {
    rule: 'past-the-door', subject: path,
    problem: `${from.id} imports ${path}, which is inside ${to.id}.`,
    instead: `Import ${door}; if the name is missing there, ask whether it should be known outside at all.`,
  };
}
