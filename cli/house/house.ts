import type { Dirent } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContextDeclaration } from '@banyan/kernel/context';
import { type ContextOnDisk, type LoadDoor, findContexts, loadDoor } from './contexts.js';
import { type ImportStatement, readImports } from './import-reader.js';
import { Resolver, type Target } from './resolver.js';
import { repositoryRoot } from './root.js';
import { type Room, roomOf } from './rooms.js';
import { SourceFile } from './source-file.js';

const WINGS = ['apps', 'libs', 'cli', 'tools'];
const SOURCE = /\.[cm]?[jt]sx?$/;
const NOT_OURS: ReadonlySet<string> = new Set(['node_modules', 'dist', '.git']);

/** One import: from a file of a room to wherever it leads. */
export interface Arrow extends ImportStatement {
  readonly from: SourceFile;
  /** Undefined for a file that lies in no room. */
  readonly room: Room | undefined;
  readonly target: Target;
}

/** All sources below apps, libs, cli and tools, with what they import, and the contexts among them. */
export interface House {
  readonly root: string;
  readonly files: readonly SourceFile[];
  readonly arrows: readonly Arrow[];
  readonly contexts: readonly ContextOnDisk[];
}

/** Reads the house. What cannot be understood becomes part of the result, so that the walls can complain about it. */
export async function openHouse(root: string = repositoryRoot(), load: LoadDoor = loadDoor): Promise<House> {
  const [files, contexts] = await Promise.all([readSources(root), findContexts(root, load)]);
  const resolver = new Resolver(new Set(files.map(({ path }) => path)));
  const arrows = files.flatMap((from) => {
    const room = roomOf(from.path);
    return readImports(from).map((statement): Arrow => ({ ...statement, from, room, target: resolver.resolve(from.path, statement.specifier) }));
  });
  return { root, files, arrows, contexts };
}

/** The declarations that could be loaded. */
export function declarationsOf({ contexts }: Pick<House, 'contexts'>): ContextDeclaration[] {
  return contexts.flatMap(({ declaration }) => declaration ?? []);
}

/** The product's own files of a context: contract and src, without tests. */
export function sourcesOf(house: House, context: string): SourceFile[] {
  return house.files.filter(({ path }) => {
    const room = roomOf(path);
    return room && !room.isTest && room.name === context && (room.kind === 'context' || room.kind === 'contract');
  });
}

async function readSources(root: string): Promise<SourceFile[]> {
  const paths = await Promise.all(WINGS.map((wing) => walk(root, wing)));
  return Promise.all(paths.flat().sort().map(async (path) => new SourceFile(path, await readFile(join(root, path), 'utf8'))));
}

async function walk(root: string, folder: string): Promise<string[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(nothingThere);
  const found = await Promise.all(entries.map(async (entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : walk(root, path);
    return SOURCE.test(entry.name) ? [path] : [];
  }));
  return found.flat();
}

function nothingThere(error: NodeJS.ErrnoException): Dirent[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
