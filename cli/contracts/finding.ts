/** A promise of the last release that the code no longer keeps. */
export interface BrokenPromise {
  readonly context: string;
  /** What was promised: `ordering.order-placed v1`, `inventory.reserve-stock (input)`. */
  readonly promise: string;
  /** Stable and kebab-case, so that scripts can tell one kind from another. */
  readonly rule: string;
  /** Where in the message: `/lines[]/sku`; empty for the whole of it. */
  readonly path: string;
  readonly what: string;
  /** Whom it breaks, and why. */
  readonly who: string;
  readonly why: string;
  readonly instead: string;
}

/** A change that keeps every promise as long as things happen in the right order. */
export interface Note {
  readonly context: string;
  readonly promise: string;
  readonly path: string;
  readonly what: string;
  readonly mind: string;
}

export interface Findings {
  readonly broken: readonly BrokenPromise[];
  readonly notes: readonly Note[];
}

/** Contexts of this repository on the other side of a contract; there may be others elsewhere. */
export interface Others {
  readonly callers: readonly string[];
  /** By event type. */
  readonly listeners: ReadonlyMap<string, readonly string[]>;
}

/** `listeners that were built before (reporting, and services elsewhere)` */
export function builtBefore(who: 'callers' | 'listeners', known: readonly string[]): string {
  return `${who} that were built before (${[...known, 'services elsewhere'].join(', ')})`;
}

export function together(...all: readonly Findings[]): Findings {
  return { broken: all.flatMap((it) => it.broken), notes: all.flatMap((it) => it.notes) };
}
