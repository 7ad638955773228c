import { crc32 } from 'node:zlib';

/** How far a context has been lifted out. */
export const stages = ['embedded', 'shadow', 'canary', 'live'] as const;
export type Stage = (typeof stages)[number];

/** Where a context's code runs: in the monolith, or in the app it was lifted into. Both work on the same schema. */
export type Side = 'embedded' | 'extracted';

/** Where a context stands. */
export interface Standing {
  readonly context: string;
  readonly stage: Stage;
  /** How much of the traffic goes to the extracted side: 0 when embedded or in shadow, 100 when live. */
  readonly percent: number;
  /** Grows with every change; 0 before the first. */
  readonly epoch: number;
  /** Makes each context choose other keys for its canary. */
  readonly salt: string;
}

/** Of a context that nobody has lifted out. */
export function embedded(context: string): Standing {
  return { context, stage: 'embedded', percent: 0, epoch: 0, salt: '' };
}

const BUCKETS = 10_000;

/**
 * The side that serves this key. The same key always falls into the same bucket, and a growing percentage only adds
 * buckets: who was on the extracted side stays there.
 * @param key of whoever must not be sent to and fro: a tenant, a user
 */
export function placeOf({ percent, salt, context }: Standing, key: string): Side {
  if (percent <= 0) return 'embedded';
  if (percent >= 100) return 'extracted';
  return crc32(`${salt}/${context}/${key}`) % BUCKETS < percent * (BUCKETS / 100) ? 'extracted' : 'embedded';
}

/** How much of a context's work falls to one side, from 0 to 1. */
export function shareOf({ percent }: Standing, side: Side): number {
  return side === 'extracted' ? percent / 100 : 1 - percent / 100;
}
