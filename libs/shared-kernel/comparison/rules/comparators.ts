import { decimalOf, isWithin } from './decimal.js';

/** A length of time: `500ms`, `1s`, `2m`, `1h`. */
export type TimeWindow = `${number}${'ms' | 's' | 'm' | 'h'}`;

/** When two values count as the same although they differ. */
export type Comparator =
  | { readonly is: 'ignored'; readonly reason: string }
  | { readonly is: 'ids'; readonly of: string }
  | { readonly is: 'set' }
  | { readonly is: 'time'; readonly window: TimeWindow }
  | { readonly is: 'number'; readonly tolerance: number };

/** Not compared, nor is anything below it. @param reason for whoever reads a report and misses the field */
export function ignored(reason: string): Comparator {
  return { is: 'ignored', reason };
}

/**
 * Ids that each side makes by itself: within one comparison, over all four outputs, the same id of the primary must
 * always meet the same id of the candidate, and the other way round.
 * @param of whose ids they are, where ids of different things may be equal by chance: `sameIds('payment')`
 */
export function sameIds(of = ''): Comparator {
  return { is: 'ids', of };
}

/** A list whose order means nothing. Matched to something else, it speaks of the nearest lists below it. */
export function asSet(): Comparator {
  return { is: 'set' };
}

/** Instants (ISO 8601) that may be as far apart as this: `within('1s')`. */
export function within(window: TimeWindow): Comparator {
  return { is: 'time', window };
}

/** Numbers, or text that is a number, that may differ by as much as this. */
export function tolerance(most: number): Comparator {
  return { is: 'number', tolerance: most };
}

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** The window in milliseconds; undefined when it is none. */
function windowMs(window: string): number | undefined {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(window) ?? [];
  return amount === undefined ? undefined : Number(amount) * (unitMs[unit] ?? NaN);
}

/** What is wrong with a comparator; undefined when nothing is. */
export function problemOf(comparator: Comparator): string | undefined {
  switch (comparator.is) {
    case 'ignored': return comparator.reason.trim() === '' ? 'ignored() needs a reason' : undefined;
    case 'time': return windowMs(comparator.window) === undefined ? `within('${comparator.window}') is no length of time; write it like 500ms, 1s or 2m` : undefined;
    case 'number': return comparator.tolerance >= 0 ? undefined : `tolerance(${comparator.tolerance}) must be a number from 0 on`;
    default: return undefined;
  }
}

/** What `Date.parse` is asked about: it would find a year in `tea 1`, too. */
const INSTANT = /^(?:[+-]\d{6}|\d{4})-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** A number that stands for the value where values are compared with some slack; undefined when it is none. */
export function measureOf(comparator: Comparator | undefined, value: unknown): number | undefined {
  if (comparator?.is === 'time') return typeof value === 'string' && INSTANT.test(value) ? finite(Date.parse(value)) : undefined;
  if (comparator?.is !== 'number') return undefined;
  if (typeof value === 'number') return value;
  return typeof value === 'string' && decimalOf(value) ? finite(Number(value)) : undefined;
}

/** Do two values that differ count as the same? */
export function isNearEnough(comparator: Comparator | undefined, primary: unknown, candidate: unknown): boolean {
  const [a, b] = [measureOf(comparator, primary), measureOf(comparator, candidate)];
  if (a === undefined || b === undefined) return false;
  if (comparator?.is === 'time') return Math.abs(a - b) <= (windowMs(comparator.window) ?? 0);
  const [most, one, other] = [comparator?.is === 'number' ? comparator.tolerance : 0, primary, candidate].map((it) => decimalOf(String(it)));
  return one && other ? most === undefined || isWithin(most, one, other) : false;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
