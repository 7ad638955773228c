import type { Output } from '../difference.js';
import type { Comparator } from './comparators.js';
import { type FieldPattern, type Progress, advance, settle } from './pattern.js';

/** Names that come from data (a map by article) must not fill the memory; past so many places they are made anew each time. */
const MOST_PLACES = 20_000;

/** Names that can stand in a field as they are. */
const PLAIN = /^[^/~*]+$/;

/** The patterns of a set of rules, with their comparators, and how many places are remembered. */
export interface PatternBook {
  readonly patterns: readonly FieldPattern[];
  readonly comparators: readonly Comparator[];
  remembered: number;
}

/**
 * A field that a comparison passes, with the rule that holds there. Places are found once and remembered: patterns are
 * matched part by part on the way down, not per value.
 */
export class Place {
  readonly comparator: Comparator | undefined;
  /** Does the order of a list mean nothing here? */
  readonly isSet: boolean;
  private readonly children = new Map<string, Place>();
  private elements: Place | undefined;

  private constructor(readonly output: Output, readonly field: string, private readonly book: PatternBook, private readonly standing: readonly Progress[], isBelowSet: boolean) {
    this.comparator = ruling(book, standing);
    this.isSet = this.comparator ? this.comparator.is === 'set' : isBelowSet;
  }

  /** Where all fields of an output begin. */
  static of(output: Output, book: PatternBook): Place {
    const start = settle(book.patterns, book.patterns.map((_, pattern) => ({ pattern, at: 0 })));
    return new Place(output, output, book, advance(book.patterns, start, output), false);
  }

  get isIgnored(): boolean {
    return this.comparator?.is === 'ignored';
  }

  /** A field of an object. */
  child(name: string): Place {
    const known = this.children.get(name);
    if (known) return known;
    const made = this.below(PLAIN.test(name) ? name : written(name), this.isSet);
    if (this.book.remembered < MOST_PLACES) {
      this.children.set(name, made);
      this.book.remembered += 1;
    }
    return made;
  }

  /** The elements of a list, all of them. */
  get element(): Place {
    return this.elements ??= this.below('*', false);
  }

  private below(part: string, isBelowSet: boolean): Place {
    return new Place(this.output, `${this.field}/${part}`, this.book, advance(this.book.patterns, this.standing, part), isBelowSet);
  }
}

/** A name from data that would be taken for a pattern, or for no name, must not speak for its neighbours where somebody waives it. */
function written(name: string): string {
  return name === '' ? '~3' : name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('*', '~2');
}

/** The most exact pattern that matches; of equally exact ones the one declared last. */
function ruling({ patterns, comparators }: PatternBook, standing: readonly Progress[]): Comparator | undefined {
  let best = -1;
  for (const { pattern, at } of standing) {
    const read = patterns[pattern];
    if (!read || at !== read.segments.length) continue;
    const known = patterns[best];
    if (!known || read.exactness > known.exactness || (read.exactness === known.exactness && pattern > best)) best = pattern;
  }
  return comparators[best];
}
