import type { Auditor } from './auditor.js';
import { formatCount } from './pennies.js';
import { listed, untilNonePending } from './settle.js';

/** Where our documents of one kind stand in the shop. */
export interface Standing {
  readonly byStatus: ReadonlyMap<string, number>;
  /** Documents in the shop that this replay did not place. */
  readonly foreign: number;
  readonly differences: readonly string[];
}

const PATHS = { orders: '/v1/orders', 'credit notes': '/v1/credit-notes' } as const;
const UNBOOKED = new Set(['pending', 'rejected', 'cancelled', 'failed']);

/** Waits until none of our documents is pending, then walks the shop's list and sees where each stands. */
export async function standingOf(
  kind: keyof typeof PATHS,
  ids: ReadonlyMap<string, string>,
  { shop, screen, patience, timing }: Auditor,
): Promise<Standing> {
  const path = PATHS[kind];
  const task = screen.begin(`${kind} settled`, ids.size);
  try {
    await untilNonePending(async () => {
      let pending = 0;
      for await (const { id } of listed(shop, path, 'pending')) if (ids.has(id)) pending += 1;
      task.done = ids.size - pending;
      return pending;
    }, timing, patience);
  } finally {
    task.end();
  }
  return standing(kind, ids, listed(shop, path));
}

async function standing(
  kind: string,
  ids: ReadonlyMap<string, string>,
  documents: AsyncIterable<{ id: string; status: string }>,
): Promise<Standing> {
  const byStatus = new Map<string, number>();
  const missing = new Map(ids);
  const differences: string[] = [];
  let foreign = 0;
  for await (const { id, status } of documents) {
    const invoice = ids.get(id);
    if (invoice === undefined) {
      foreign += 1;
      continue;
    }
    if (!missing.delete(id)) differences.push(`invoice ${invoice}: ${id} is listed twice`);
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    if (UNBOOKED.has(status)) differences.push(`invoice ${invoice}: ${id} is ${status}`);
  }
  for (const [id, invoice] of missing) differences.push(`invoice ${invoice}: ${id} was accepted, but is not in the list`);
  if (differences.length > 0 && foreign > 0) differences.push(`(the shop also holds ${formatCount(foreign)} other ${kind})`);
  return { byStatus, foreign, differences };
}
