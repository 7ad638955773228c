/** The walls of the house, in the order in which they are looked at. */
export const walls = ['imports', 'injection', 'sql', 'events', 'determinism'] as const;
export type WallName = (typeof walls)[number];

/** Something that reaches through a wall, or that a wall cannot judge. */
export interface Violation {
  readonly wall: WallName;
  /** Stable and kebab-case, so that scripts can tell one kind from another. */
  readonly rule: string;
  /** From the repository's root; for what only a database shows, the context's folder. */
  readonly file: string;
  /** Counted from 1; absent where the whole file is meant. */
  readonly line?: number | undefined;
  /** What is reached for, in a word: the name by which an exception knows it. */
  readonly subject: string;
  /** One sentence that names both sides. */
  readonly problem: string;
  /** What to do instead. */
  readonly instead: string;
}

/** What one wall has seen. A wall that has looked at nothing has not been checked. */
export interface Finding {
  readonly wall: WallName;
  /** How much was looked at, such as "812 imports in 301 files". */
  readonly seen: string;
  readonly violations: readonly Violation[];
}

/** By file, line and text, so that the same house always gives the same report. */
export function inOrder(violations: readonly Violation[]): Violation[] {
  return [...violations].sort((a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || compare(a.problem, b.problem));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
