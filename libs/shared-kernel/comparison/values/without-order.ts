import type { Likeness } from './likeness.js';
import { type Element, type Pair, type Pairing, type Trials, elementsOf, inTurn, labelOf, likenessOf, without } from './pairing.js';

/** Ids lead from element to element; longer chains than this are paired in the order in which they were written. */
const MOST_ROUNDS = 8;

interface Seen<T> extends Element<T> {
  readonly likeness: Likeness;
}

/**
 * Compares lists whose order means nothing. Elements that look the same are partners. While some hold ids whose partner
 * is unknown, those that can be taken for one only go first, for they may tell about the others; what is alike in all but
 * such ids is then paired in the order in which it stands. The rest are partners by their labels.
 */
export function pairWithoutOrder<T>(comparing: Trials, primaryList: readonly T[], candidateList: readonly T[], pairing: Pairing<T>): void {
  let [primary, candidate] = [elementsOf(primaryList, 'primary'), elementsOf(candidateList, 'candidate')];
  const settle = (pairs: readonly Pair<T>[]): void => {
    for (const it of pairs) pairing.compare(it.primary.value, it.candidate.value);
    primary = without(primary, pairs.map((it) => it.primary));
    candidate = without(candidate, pairs.map((it) => it.candidate));
  };
  for (let round = 1; round < 2 * MOST_ROUNDS && primary.length > 0 && candidate.length > 0; round += 1) {
    const seen = { primary: look(comparing, primary, pairing), candidate: look(comparing, candidate, pairing) };
    const sure = round < MOST_ROUNDS ? unmistakable(seen.primary, seen.candidate) : [];
    const pairs = sure.length > 0 ? sure : alike(seen.primary, seen.candidate);
    settle(pairs);
    if (pairs.length === 0 || ![...seen.primary, ...seen.candidate].some((it) => !it.likeness.isSure)) break;
  }
  settle(inTurn(primary, candidate, (it) => labelOf(comparing, it, pairing)));
  for (const { value } of primary) pairing.missing(value);
  for (const { value } of candidate) pairing.extra(value);
}

function look<T>(comparing: Trials, elements: readonly Element<T>[], pairing: Pairing<T>): Seen<T>[] {
  const labelled = (it: Element<T>): Likeness => {
    const [label, likeness] = [labelOf(comparing, it, pairing), likenessOf(comparing, it, pairing)];
    return { ...likeness, text: `${label} ${likeness.text}` };
  };
  return elements.map((it) => ({ ...it, likeness: labelled(it) }));
}

/** Pairs that cannot be any others: without unknown ids, or with a text that both sides have once. */
function unmistakable<T>(primary: readonly Seen<T>[], candidate: readonly Seen<T>[]): Pair<T>[] {
  const [ours, theirs] = [timesOf(primary), timesOf(candidate)];
  const isClear = ({ likeness: { text, isSure } }: Seen<T>): boolean => isSure || (ours.get(text) === 1 && theirs.get(text) === 1);
  return alike(primary.filter(isClear), candidate.filter(isClear));
}

function alike<T>(primary: readonly Seen<T>[], candidate: readonly Seen<T>[]): Pair<T>[] {
  const texts = new Map([...primary, ...candidate].map((it) => [it.side + it.at, it.likeness.text]));
  return inTurn(byMeasure(primary), byMeasure(candidate), (it) => texts.get(it.side + it.at) ?? '');
}

/** Where numbers or times may differ a little, the smallest belongs to the smallest. */
function byMeasure<T>(elements: readonly Seen<T>[]): readonly Seen<T>[] {
  if (!elements.some(({ likeness }) => likeness.measures.length > 0)) return elements;
  return elements.toSorted((a, b) => {
    const at = a.likeness.measures.findIndex((it, i) => it !== b.likeness.measures[i]);
    return at < 0 ? 0 : (a.likeness.measures[at] ?? 0) - (b.likeness.measures[at] ?? 0);
  });
}

function timesOf<T>(elements: readonly Seen<T>[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { likeness: { text } } of elements) times.set(text, (times.get(text) ?? 0) + 1);
  return times;
}
