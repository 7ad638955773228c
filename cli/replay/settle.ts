import { z } from 'zod';
import type { Patience } from './patience.js';
import type { Shop } from './shop.js';

/** How long the audit waits for a shop that still works, in milliseconds. */
export interface Timing {
  /** Between two looks. */
  readonly pollMs: number;
  /** Figures that differ and have not moved for this long will not move any more. */
  readonly settleMs: number;
  /** The end of waiting for figures, even if they keep moving (other traffic does that). */
  readonly deadlineMs: number;
  /** Pending documents whose number has not changed for this long are stuck. */
  readonly patienceMs: number;
}

/**
 * Looks again until there is no difference, or none that is still moving. Reports and stock follow
 * the orders by events, so the first look may simply be too early.
 */
export async function untilSettled(
  look: () => Promise<string[]>,
  timing: Timing,
  patience: Pick<Patience, 'rest'>,
): Promise<string[]> {
  const startedAt = performance.now();
  let movedAt = startedAt;
  let before = '';
  for (;;) {
    const differences = await look();
    const now = performance.now();
    const seen = differences.join('\n');
    if (seen !== before) movedAt = now;
    before = seen;
    const isSettled = now - movedAt >= timing.settleMs || now - startedAt >= timing.deadlineMs;
    if (differences.length === 0 || isSettled) return differences;
    await patience.rest(timing.pollMs);
  }
}

/** Waits until none of our documents is pending, and gives back how many still are when nothing moves any more. */
export async function untilNonePending(
  count: () => Promise<number>,
  timing: Timing,
  patience: Pick<Patience, 'rest'>,
): Promise<number> {
  let before = -1;
  let movedAt = performance.now();
  for (;;) {
    const lookedAt = performance.now();
    const pending = await count();
    const now = performance.now();
    if (pending !== before) movedAt = now;
    before = pending;
    if (pending === 0 || now - movedAt >= timing.patienceMs) return pending;
    // A look walks all pages of pending documents: it must not become the shop's main work.
    await patience.rest(Math.max(timing.pollMs, (now - lookedAt) * 3));
  }
}

const Listed = z.looseObject({ id: z.string(), status: z.string() });
const Page = z.looseObject({
  data: z.array(Listed),
  nextCursor: z.string().nullish(),
  hasMore: z.boolean(),
});

/** Walks a list page by page. */
export async function* listed(shop: Shop, path: string, status?: 'pending'): AsyncGenerator<z.infer<typeof Listed>> {
  const query = new URLSearchParams({ limit: '100', ...(status && { status }) });
  for (;;) {
    const page = await shop.get(`${path}?${query}`, Page);
    yield* page.data;
    if (!page.hasMore || !page.nextCursor) return;
    query.set('cursor', page.nextCursor);
  }
}
