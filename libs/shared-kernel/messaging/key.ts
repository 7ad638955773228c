import { crc32 } from 'node:zlib';

/** An index entry of PostgreSQL holds 2,704 bytes; a character takes up to 4. */
const LONGEST = 512;

/** Lanes of an inbox. Changing this number moves keys between lanes: drain every inbox first. */
export const LANES = 16;

/**
 * The lane of an ordering key: the same in every process and version. (PostgreSQL's own hash functions may change
 * with its version, and a key in two lanes would lose its order.)
 */
export function laneOf(key: string): number {
  return crc32(key) % LANES;
}

/** Can this be an ordering key? */
export function isKey(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST;
}

/** @throws RangeError when the aggregate id of an event cannot be an ordering key */
export function requireKey(value: unknown, eventType: string): string {
  if (isKey(value)) return value;
  throw new RangeError(`The aggregate id of ${eventType} must be a text of 1 to ${LONGEST} characters: it is the key that orders events.`);
}
