import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContextDeclaration } from '@banyan/kernel/context';

export const CONTEXTS = 'libs/contexts';

/** A context that was found on disk; a folder there is one, whatever it holds. */
export interface ContextOnDisk {
  readonly name: string;
  /** `libs/contexts/<name>` */
  readonly folder: string;
  /** What its index.ts hands out. */
  readonly door: Readonly<Record<string, unknown>>;
  /** Absent when it could not be loaded: then `trouble` says why. */
  readonly declaration?: ContextDeclaration;
  readonly trouble?: string;
}

/** Loads the door of a context. */
export type LoadDoor = (name: string) => Promise<Record<string, unknown>>;

/** The contexts of the repository that this program belongs to, compiled as it is. */
export const loadDoor: LoadDoor = async (name) => await import(`../../libs/contexts/${name}/index.js`) as Record<string, unknown>;

/** Loads a room of the kernel: what it declares, such as its errors, is known afterwards. */
export async function loadKernelRoom(room: string): Promise<void> {
  await import(`../../libs/shared-kernel/${room}/index.js`);
}

/** Finds every context on disk, so that none can be forgotten, and loads its declaration. */
export async function findContexts(root: string, load: LoadDoor): Promise<ContextOnDisk[]> {
  const entries = await readdir(join(root, CONTEXTS), { withFileTypes: true });
  const names = entries.filter((it) => it.isDirectory()).map((it) => it.name).sort();
  return Promise.all(names.map((name) => openContext(name, load)));
}

async function openContext(name: string, load: LoadDoor): Promise<ContextOnDisk> {
  const folder = `${CONTEXTS}/${name}`;
  try {
    const door = await load(name);
    const declarations = Object.values(door).filter(isDeclaration);
    const [declaration] = declarations;
    if (!declaration || declarations.length > 1) return { name, folder, door, trouble: `index.ts exports ${declarations.length} declarations; a context has one.` };
    if (declaration.name !== name) return { name, folder, door, trouble: `The folder is called "${name}" and the context in it "${declaration.name}".` };
    return { name, folder, door, declaration };
  } catch (error) {
    return { name, folder, door: {}, trouble: error instanceof Error ? error.message : String(error) };
  }
}

/** Whatever `defineContext` has let through. */
function isDeclaration(value: unknown): value is ContextDeclaration {
  return typeof value === 'object' && value !== null && ['name', 'owner', 'contract', 'calls', 'listensTo', 'handlers'].every((key) => key in value);
}
