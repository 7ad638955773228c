import type { Difference, DifferenceKind } from '../difference.js';
import { isNearEnough } from '../rules/comparators.js';
import type { Place } from '../rules/place.js';
import { IdPairs, type Side } from './id-pairs.js';
import { isId, type Likeness, LikenessWriter } from './likeness.js';
import { fieldOf, isIdentical, isList, isObject, jsonType } from './json-type.js';
import { pairInOrder } from './in-order.js';
import type { Trials } from './pairing.js';
import { pairWithoutOrder } from './without-order.js';

/** One comparison under way: what was found so far, and which ids go together. */
export class Comparing implements Trials {
  readonly differences: Difference[] = [];
  private readonly ids = new IdPairs();
  /** How many differences there were when the trial under way began. */
  private trialSince: number | undefined;

  /** @param followsIds so that equal values are looked into as well */
  constructor(private readonly followsIds: boolean) {}

  note(kind: DifferenceKind, place: Place, primary: unknown, candidate: unknown): void {
    if (!place.isIgnored) this.differences.push({ output: place.output, kind, field: place.field, primary, candidate });
  }

  /** Compares two values that belong together. */
  value(primary: unknown, candidate: unknown, place: Place): void {
    if (place.isIgnored || (!this.followsIds && isIdentical(primary, candidate))) return;
    this.walk(primary, candidate, place);
  }

  isSame(compare: () => void): boolean {
    const [outer, found, moment] = [this.trialSince, this.differences.length, this.ids.moment];
    this.trialSince = outer ?? found;
    compare();
    this.trialSince = outer;
    if (this.differences.length === found) return true;
    this.differences.length = found;
    this.ids.forgetSince(moment);
    return false;
  }

  get isTrial(): boolean {
    return this.trialSince !== undefined;
  }

  /** The trial has found its difference. */
  get isLost(): boolean {
    return this.trialSince !== undefined && this.differences.length > this.trialSince;
  }

  /** @param write what the likeness is made of */
  likeness(side: Side, write: (writer: LikenessWriter) => string): Likeness {
    const writer = new LikenessWriter(this.ids, side);
    return writer.finish(write(writer));
  }

  private walk(primary: unknown, candidate: unknown, place: Place): void {
    if (place.isIgnored || this.isLost) return;
    if (isList(primary) && isList(candidate)) this.lists(primary, candidate, place);
    else if (isObject(primary) && isObject(candidate)) this.objects(primary, candidate, place);
    else if (jsonType(primary) !== jsonType(candidate)) this.note('schema', place, primary, candidate);
    else if (!this.countsAsSame(primary, candidate, place)) this.note('payload', place, primary, candidate);
  }

  private objects(primary: Readonly<Record<string, unknown>>, candidate: Readonly<Record<string, unknown>>, place: Place): void {
    for (const name of Object.keys(primary)) this.walk(primary[name], fieldOf(candidate, name), place.child(name));
    for (const name of Object.keys(candidate)) if (!Object.hasOwn(primary, name)) this.walk(undefined, candidate[name], place.child(name));
  }

  private lists(primary: readonly unknown[], candidate: readonly unknown[], place: Place): void {
    const pair = place.isSet ? pairWithoutOrder : pairInOrder;
    pair(this, primary, candidate, {
      compare: (a, b) => this.walk(a, b, place.element),
      write: (it, writer) => writer.write(it, place.element),
      label: (it) => jsonType(it),
      missing: (it) => this.note('missing', place.element, it, undefined),
      extra: (it) => this.note('extra', place.element, undefined, it),
      reordered: (a, b) => this.note('reordered', place, a, b),
    });
  }

  private countsAsSame(primary: unknown, candidate: unknown, { comparator }: Place): boolean {
    if (comparator?.is === 'ids' && isId(primary) && isId(candidate)) return this.ids.bind(comparator.of, String(primary), String(candidate));
    return primary === candidate || isNearEnough(comparator, primary, candidate);
  }
}
