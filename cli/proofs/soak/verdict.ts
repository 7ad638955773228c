import type { Sizes } from './sizes.js';

/** One stretch of the run. */
export interface Stretch extends Sizes {
  readonly perSecond: number;
}

/** How far the end may be from the start. */
const MOST = 1.2;
/** Below this a table is small, whatever it was before. */
const SMALL_BYTES = 16 * 1024 * 1024;

/**
 * Compares the last fifth of the run with the first one after the warm-up. Sizes go up and down with every rotation and
 * vacuum, so the largest count; speed is the median. Answers what has got worse.
 */
export function worsened(stretches: readonly Stretch[], warmUp: number): string[] {
  const settled = stretches.slice(warmUp);
  const fifth = Math.max(1, Math.floor(settled.length / 5));
  const [first, last] = [settled.slice(0, fifth), settled.slice(-fifth)];
  const problems: string[] = [];
  for (const [name, of] of [['outbox', (it: Stretch) => it.outboxBytes], ['inbox', (it: Stretch) => it.inboxBytes]] as const) {
    const [before, after] = [largest(first.map(of)), largest(last.map(of))];
    if (after > before * MOST && after > SMALL_BYTES) problems.push(`The ${name} grew from ${megabytes(before)} to ${megabytes(after)}.`);
  }
  const [before, after] = [median(first.map((it) => it.perSecond)), median(last.map((it) => it.perSecond))];
  if (after * MOST < before) problems.push(`It slowed down from ${Math.round(before)} to ${Math.round(after)} events per second.`);
  return problems;
}

const largest = (values: readonly number[]): number => Math.max(0, ...values);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;
