import type { Side } from './id-pairs.js';
import type { Likeness, LikenessWriter } from './likeness.js';

/** What pairing needs of the comparison under way. */
export interface Trials {
  /** Tries whether a comparison finds nothing; when it finds something, it is as if it had not been made. */
  isSame(compare: () => void): boolean;
  /** Only whether there is a difference matters now: what it is will be asked again, or trials within trials would never end. */
  readonly isTrial: boolean;
  likeness(side: Side, write: (writer: LikenessWriter) => string): Likeness;
}

/** How elements of two lists find their partners, and what is said about them. */
export interface Pairing<T> {
  /** Compares two that belong together. */
  readonly compare: (primary: T, candidate: T) => void;
  readonly write: (element: T, writer: LikenessWriter) => string;
  /** Elements whose contents differ can be partners only when their labels are equal. */
  readonly label: (element: T, writer: LikenessWriter) => string;
  readonly missing: (element: T) => void;
  readonly extra: (element: T) => void;
  /** The first place at which the order differs: what the primary has there, and what the candidate has. */
  readonly reordered: (primary: T, candidate: T) => void;
}

/** An element and where it stands. */
export interface Element<T> {
  readonly value: T;
  readonly at: number;
  readonly side: Side;
}

/** Two that belong together. */
export interface Pair<T> {
  readonly primary: Element<T>;
  readonly candidate: Element<T>;
}

export function elementsOf<T>(list: readonly T[], side: Side): Element<T>[] {
  return list.map((value, at) => ({ value, at, side }));
}

export function likenessOf<T>(comparing: Trials, { value, side }: Element<T>, pairing: Pairing<T>): Likeness {
  return comparing.likeness(side, (writer) => pairing.write(value, writer));
}

export function labelOf<T>(comparing: Trials, { value, side }: Element<T>, pairing: Pairing<T>): string {
  return comparing.likeness(side, (writer) => pairing.label(value, writer)).text;
}

/** The first of one text with the first of the other side, the second with the second, and so on. */
export function inTurn<T>(primary: readonly Element<T>[], candidate: readonly Element<T>[], textOf: (element: Element<T>) => string): Pair<T>[] {
  const waiting = new Map<string, Element<T>[]>();
  for (const it of candidate.toReversed()) {
    const text = textOf(it);
    const known = waiting.get(text);
    if (known) known.push(it);
    else waiting.set(text, [it]);
  }
  return primary.flatMap((it) => {
    const partner = waiting.get(textOf(it))?.pop();
    return partner ? [{ primary: it, candidate: partner }] : [];
  });
}

/** Those who found no partner. */
export function without<T>(elements: readonly Element<T>[], partners: readonly Element<T>[]): Element<T>[] {
  const taken = new Set(partners.map(({ at }) => at));
  return elements.filter(({ at }) => !taken.has(at));
}
