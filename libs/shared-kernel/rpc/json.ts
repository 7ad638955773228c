import { createHash } from 'node:crypto';

/** What the value looks like after a trip over a wire; nothing of the original is shared. */
export function jsonCopy(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** SHA-256 of a JSON value, independent of the order in which its keys were written. */
export function jsonHash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, sortKeys) ?? '').digest('hex');
}

function sortKeys(_key: string, value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
