/** A room of the kernel: where it stands, and which rooms of its own floor it may see, if any. */
export interface KernelRoom {
  readonly floor: number;
  readonly besides?: readonly string[];
}

/**
 * The floors of the kernel. A room imports rooms of the floors below its own, and of its own floor only what `besides`
 * names. A new room gets a line here first: one that has none is a violation.
 */
const floors: Readonly<Record<string, KernelRoom>> = {
  words: { floor: 0 },
  contract: { floor: 1 },
  runtime: { floor: 2 },
  comparison: { floor: 2 },
  resilience: { floor: 2, besides: ['runtime'] },
  observability: { floor: 2, besides: ['runtime', 'resilience'] },
  persistence: { floor: 3 },
  rpc: { floor: 3, besides: ['persistence'] },
  http: { floor: 3, besides: ['persistence', 'rpc'] },
  experiment: { floor: 4 },
  messaging: { floor: 4 },
  'event-store': { floor: 5 },
  projection: { floor: 5, besides: ['event-store'] },
  saga: { floor: 5 },
  facade: { floor: 6 },
  'parallel-run': { floor: 6, besides: ['facade'] },
  'data-move': { floor: 6, besides: ['facade'] },
  operations: { floor: 7 },
};

/** Beside the floors: they see every room, and no room sees them. */
const side: readonly string[] = ['context', 'app', 'testing'];

/** Rooms that decide where contexts run, or look after all of them. A context that knew them could behave differently once it is lifted out. */
const aboveContexts: readonly string[] = ['facade', 'parallel-run', 'data-move', 'operations', 'app', 'testing'];

export function isKernelRoom(room: string): boolean {
  return room in floors || side.includes(room);
}

export function isSideRoom(room: string): boolean {
  return side.includes(room);
}

/** May production code of one kernel room import the door of another? */
export function maySee(from: string, to: string): boolean {
  if (from === 'testing') return true;
  if (from === 'app') return to !== 'testing';
  if (from === 'context') return to !== 'app' && to !== 'testing';
  const [lower, upper] = [floors[to], floors[from]];
  if (!lower || !upper) return false;
  return lower.floor < upper.floor || (upper.besides ?? []).includes(to);
}

/** May a context import the door of this kernel room? `context` itself is for the file with the declaration alone. */
export function isForContexts(room: string): boolean {
  return isKernelRoom(room) && !aboveContexts.includes(room);
}

/** Where a kernel room stands, in words. */
export function floorOf(room: string): string {
  const known = floors[room];
  return known ? `floor ${known.floor}` : 'beside the floors';
}
