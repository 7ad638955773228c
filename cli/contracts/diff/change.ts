import type { Schema } from '../snapshot.js';

/** One difference between what a schema was and what it is. */
export interface Change {
  /** Where in the value: `/lines[]/sku`, `/prices{}` for fields that are not named, empty for the value itself. */
  readonly path: string;
  readonly is: ChangeKind;
  /** What is different, in words. */
  readonly what: string;
  /** Of an added field: the object refused fields that it did not know. */
  readonly wasClosed?: boolean;
  /** Of an added field: whoever reads the value fills it in when it is left out. */
  readonly hasDefault?: boolean;
}

export type ChangeKind =
  | 'added-optional' | 'added-required' | 'removed' | 'renamed' | 'became-required' | 'became-optional'
  /** Fewer values are let through. */
  | 'narrowed'
  /** More values are let through. */
  | 'widened'
  /** Values were let through that no longer are, and the other way round; or nobody can tell. */
  | 'changed';

/** A change of what is let through, seen from both sides. */
export function letThrough(path: string, less: boolean, more: boolean, what: string): Change[] {
  if (!less && !more) return [];
  return [{ path, is: less && more ? 'changed' : less ? 'narrowed' : 'widened', what }];
}

/** Compares two schemas at one place of a value. */
export type Compare = (path: string, was: Schema, now: Schema) => Change[];
