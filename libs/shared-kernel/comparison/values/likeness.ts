import { measureOf } from '../rules/comparators.js';
import type { Place } from '../rules/place.js';
import type { IdPairs, Side } from './id-pairs.js';
import { isList, isObject } from './json-type.js';

/**
 * What a value looks like once everything that may differ is taken out of it: two elements with the same text are
 * partners where order does not tell.
 */
export interface Likeness {
  readonly text: string;
  /** No id in it waits for its partner, so the text tells all. */
  readonly isSure: boolean;
  /** Numbers and times that may differ a little; they put elements of the same text into an order. */
  readonly measures: readonly number[];
}

/** Collects the likeness of values, several in a row if need be. */
export class LikenessWriter {
  private isSure = true;
  private readonly measures: number[] = [];

  constructor(private readonly ids: IdPairs, private readonly side: Side) {}

  /** Canonical text of a value at its place: keys sorted, sets sorted, what is ignored left out. */
  write(value: unknown, place: Place): string {
    const { comparator } = place;
    if (comparator?.is === 'ignored' || value === undefined) return '';
    if (isList(value)) {
      const elements = value.map((it) => this.write(it, place.element));
      return `[${(place.isSet ? elements.sort() : elements).join()}]`;
    }
    if (isObject(value)) return this.writeObject(value, place);
    if (comparator?.is === 'ids' && isId(value)) return this.writeId(comparator.of, String(value));
    const measure = measureOf(comparator, value);
    if (measure === undefined) return JSON.stringify(value);
    this.measures.push(measure);
    return '~';
  }

  finish(text: string): Likeness {
    return { text, isSure: this.isSure, measures: this.measures };
  }

  private writeObject(value: Readonly<Record<string, unknown>>, place: Place): string {
    const fields = Object.keys(value).sort().flatMap((name) => {
      const text = this.write(value[name], place.child(name));
      return text === '' ? [] : [`${JSON.stringify(name)}:${text}`];
    });
    return `{${fields.join()}}`;
  }

  private writeId(of: string, id: string): string {
    const name = this.ids.nameOf(of, id, this.side);
    if (name === undefined) this.isSure = false;
    return name === undefined ? '?' : `#${JSON.stringify(name)}`;
  }
}

export function isId(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
