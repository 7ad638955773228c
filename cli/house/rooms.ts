export type RoomKind = 'kernel' | 'contract' | 'context' | 'app' | 'cli' | 'tools';

/** A part of the house that has rules of its own about what it may touch. */
export interface Room {
  readonly kind: RoomKind;
  /** The kernel room, the context, the app, the part of the command line. */
  readonly name: string;
  /** How people call it: `kernel/http`, `ordering`, `ordering/contract`, `apps/monolith`, `cli/verify`. */
  readonly id: string;
  /** Tests live beside what they test, and may see more. */
  readonly isTest: boolean;
}

/** The room that a file belongs to; undefined when it lies where no room is. */
export function roomOf(path: string): Room | undefined {
  const [top, ...rest] = path.split('/');
  const inside = top === 'libs' ? library(rest) : top === 'apps' ? app(rest) : top === 'cli' ? commandLine(rest) : top === 'tools' ? tools : undefined;
  return inside && { ...inside, isTest: isTest(inside, path) };
}

type Place = Omit<Room, 'isTest'>;

/** What installs, builds and starts the product: plain JavaScript for any Node. */
const tools: Place = { kind: 'tools', name: 'tools', id: 'tools' };

function library([wing, name, ...inside]: readonly string[]): Place | undefined {
  if (!name || inside.length === 0) return undefined;
  if (wing === 'shared-kernel') return { kind: 'kernel', name, id: `kernel/${name}` };
  if (wing !== 'contexts') return undefined;
  if (inside[0] === 'contract' && inside.length > 1) return { kind: 'contract', name, id: `${name}/contract` };
  const isInside = (inside.length > 1 && (inside[0] === 'src' || inside[0] === 'test')) || inside.join('/') === 'index.ts';
  return isInside ? { kind: 'context', name, id: name } : undefined;
}

function app(path: readonly string[]): Place | undefined {
  const depth = path[0] === 'extracted' ? 2 : 1;
  if (path.length <= depth) return undefined;
  const name = path.slice(0, depth).join('/');
  return { kind: 'app', name, id: `apps/${name}` };
}

function commandLine(path: readonly string[]): Place | undefined {
  const [first, ...inside] = path;
  if (!first) return undefined;
  return inside.length === 0 || first === 'bin' ? { kind: 'cli', name: 'cli', id: 'cli' } : { kind: 'cli', name: first, id: `cli/${first}` };
}

/** How many folders lead to a room. */
const depths: Readonly<Record<RoomKind, number>> = { kernel: 3, context: 3, contract: 3, app: 2, cli: 2, tools: 1 };

/** Test files and fixtures by their name; helpers of tests by their folder. The kernel's testing room, alone, has rules of its own. */
function isTest({ kind, name }: Place, path: string): boolean {
  if (/\.(?:test|fixture)\.[cm]?[jt]sx?$/.test(path)) return true;
  const folders = path.split('/').slice(depths[kind], -1);
  return (kind === 'cli' && name === 'testing') || folders.some((it) => it === 'test' || it === 'testing');
}
