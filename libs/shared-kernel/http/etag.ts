import { createHash } from 'node:crypto';
import { PreconditionFailed } from './errors.js';

/** A strong entity tag, quotes included. Give it what changes with the thing, for example `{ sku, version }`. */
export function etagOf(value: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 27)}"`;
}

/**
 * Compares `If-Match` (RFC 9110, 13.1.1) with the tag of what is there now. Without the header all is well.
 * @param current the tag of the thing as it stands, or null when there is none
 * @throws PreconditionFailed when none of the tags fits; `*` fits anything that exists, a weak tag never
 */
export function checkIfMatch(header: string | undefined, current: string | null): void {
  if (header === undefined) return;
  const wanted = header.split(',').map((tag) => tag.trim());
  const fits = current !== null && (wanted.includes('*') || wanted.includes(current));
  if (!fits) {
    throw new PreconditionFailed(
      current === null ? 'There is nothing here yet that If-Match could fit.' : 'It has changed since the version that If-Match names.',
      current === null ? {} : { current },
    );
  }
}

/**
 * Compares `If-None-Match` (RFC 9110, 13.1.2) with the tag of what is there now: a fit means that a reader has it
 * already (304), and that a writer who wanted nothing to be there is too late.
 * @param current the tag of the thing as it stands, or null when there is none
 */
export function fitsIfNoneMatch(header: string | undefined, current: string | null): boolean {
  if (header === undefined || current === null) return false;
  const known = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(current);
}
