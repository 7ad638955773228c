import type { Output } from '../difference.js';
import type { Keys, WrittenRow } from '../outputs.js';
import { type Comparator, problemOf } from './comparators.js';
import { problemOfPattern, readPattern } from './pattern.js';
import { Place } from './place.js';

/** Headers that mean something to whoever asked. */
const HEADERS: readonly string[] = ['location', 'etag', 'content-type', 'retry-after', 'cache-control', 'deprecation', 'sunset', 'link'];

/** What a context declares beside its contract about how its outputs compare. */
export interface ComparisonDeclaration {
  /** Response headers that matter beside the usual ones, in lower case. */
  readonly headers?: readonly string[];
  /**
   * Comparators by the pattern of their fields: `*` is one part of a field, or a piece of one (`rows/payment/*_at`), `**`
   * any number of parts. Where several match, the most exact one rules; of equally exact ones the last.
   */
  readonly fields?: Readonly<Record<string, Comparator>>;
  /**
   * Makes logical facts of the rows that one transaction wrote, of either implementation, so that they compare although
   * their tables differ. It sees the net effect of the transaction, and it must be a pure function.
   */
  readonly projection?: (rows: readonly WrittenRow[]) => readonly WrittenRow[];
  /** The columns that identify each kind of fact; needed with `projection`. */
  readonly factKeys?: Keys;
}

/** Rules of comparison, checked. Made by `defineComparison`. */
export interface ComparisonRules {
  readonly headers: readonly string[];
  readonly projection: ((rows: readonly WrittenRow[]) => readonly WrittenRow[]) | undefined;
  readonly factKeys: Keys;
  /** Where a comparison begins its walk, per output. */
  readonly places: Readonly<Record<Output, Place>>;
  /** Are there ids to be followed, so that equal values matter too? */
  readonly followsIds: boolean;
  /** What was declared, by pattern; for reports. */
  readonly fields: Readonly<Record<string, Comparator>>;
}

/**
 * Declares how the outputs of a context compare. Without a rule, values must be equal.
 * @throws Error that names every mistake
 */
export function defineComparison(declaration: ComparisonDeclaration): ComparisonRules {
  const { headers = [], fields = {}, projection, factKeys = {} } = declaration;
  const problems = [...problemsOfHeaders(headers), ...problemsOfFields(fields), ...problemsOfFacts(projection, factKeys)];
  if (problems.length > 0) throw new Error(`These rules of comparison make no sense: ${problems.join('; ')}.`);
  const comparators = Object.values(fields);
  const book = { patterns: Object.keys(fields).map(readPattern), comparators, remembered: 0 };
  return {
    headers: [...new Set([...HEADERS, ...headers])],
    projection,
    factKeys,
    places: { response: Place.of('response', book), events: Place.of('events', book), rows: Place.of('rows', book), calls: Place.of('calls', book) },
    followsIds: comparators.some(({ is }) => is === 'ids'),
    fields,
  };
}

function problemsOfHeaders(headers: readonly string[]): string[] {
  return headers.filter((it) => !/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(it)).map((it) => `the header "${it}" is no name of a header in lower case`);
}

function problemsOfFields(fields: Readonly<Record<string, Comparator>>): string[] {
  return Object.entries(fields).flatMap(([pattern, comparator]) => {
    const problems = [problemOfPattern(pattern), problemOf(comparator)].filter((it) => it !== undefined);
    return problems.map((it) => `"${pattern}" ${it}`);
  });
}

function problemsOfFacts(projection: ComparisonDeclaration['projection'], factKeys: Keys): string[] {
  if (projection && Object.keys(factKeys).length === 0) return ['a projection needs factKeys, which say what identifies a fact'];
  if (!projection && Object.keys(factKeys).length > 0) return ['factKeys without a projection mean nothing'];
  return Object.entries(factKeys).filter(([, columns]) => columns.length === 0).map(([fact]) => `the fact "${fact}" has no key`);
}
