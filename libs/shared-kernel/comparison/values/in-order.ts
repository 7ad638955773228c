import { longestIncreasing } from './longest-increasing.js';
import { type Element, type Pair, type Pairing, type Trials, elementsOf, inTurn, labelOf, likenessOf, without } from './pairing.js';

/**
 * Compares lists whose order matters, in n log n: what is equal at both ends goes first; of the rest, elements that look
 * the same are anchors (as in a patience diff), and between two anchors changed elements are partners in their order.
 */
export function pairInOrder<T>(comparing: Trials, primaryList: readonly T[], candidateList: readonly T[], pairing: Pairing<T>): void {
  const [primary, candidate] = [elementsOf(primaryList, 'primary'), elementsOf(candidateList, 'candidate')];
  const isSame = (a: Element<T> | undefined, b: Element<T> | undefined): boolean =>
    a !== undefined && b !== undefined && labelOf(comparing, a, pairing) === labelOf(comparing, b, pairing)
    && comparing.isSame(() => pairing.compare(a.value, b.value));
  if (comparing.isTrial) return tryInOrder(primary, candidate, pairing, isSame);
  const shorter = Math.min(primary.length, candidate.length);
  let head = 0;
  while (head < shorter && isSame(primary[head], candidate[head])) head += 1;
  let tail = 0;
  while (tail < shorter - head && isSame(primary.at(-1 - tail), candidate.at(-1 - tail))) tail += 1;
  pairRest(comparing, primary.slice(head, primary.length - tail), candidate.slice(head, candidate.length - tail), pairing);
}

/** The first thing that differs is enough. */
function tryInOrder<T>(primary: readonly Element<T>[], candidate: readonly Element<T>[], pairing: Pairing<T>, isSame: (a: Element<T> | undefined, b: Element<T> | undefined) => boolean): void {
  for (let at = 0; at < Math.max(primary.length, candidate.length); at += 1) {
    const [a, b] = [primary[at], candidate[at]];
    if (isSame(a, b)) continue;
    if (a) pairing.missing(a.value);
    else if (b) pairing.extra(b.value);
    return;
  }
}

function pairRest<T>(comparing: Trials, primary: readonly Element<T>[], candidate: readonly Element<T>[], pairing: Pairing<T>): void {
  const pairs = [...partners(comparing, primary, candidate, pairing)].sort((a, b) => a.primary.at - b.primary.at);
  for (const it of pairs) pairing.compare(it.primary.value, it.candidate.value);
  for (const { value } of without(primary, pairs.map((it) => it.primary))) pairing.missing(value);
  for (const { value } of without(candidate, pairs.map((it) => it.candidate))) pairing.extra(value);
  const inCandidate = pairs.map((it) => it.candidate).sort((a, b) => a.at - b.at);
  for (const [i, { primary: here, candidate: partner }] of pairs.entries()) {
    const there = inCandidate[i];
    if (there && there !== partner) return pairing.reordered(here.value, there.value);
  }
}

function partners<T>(comparing: Trials, primary: readonly Element<T>[], candidate: readonly Element<T>[], pairing: Pairing<T>): Pair<T>[] {
  if (primary.length === 0 || candidate.length === 0) return [];
  const label = textOnce((it: Element<T>) => labelOf(comparing, it, pairing));
  if (primary.length === 1 && candidate.length === 1) return inTurn(primary, candidate, label);
  const text = textOnce((it: Element<T>) => `${label(it)} ${likenessOf(comparing, it, pairing).text}`);
  const equal = inTurn(primary, candidate, text);
  const left = { primary: without(primary, equal.map((it) => it.primary)), candidate: without(candidate, equal.map((it) => it.candidate)) };
  const anchors = longestIncreasing(equal, (it) => it.candidate.at);
  return [...equal, ...gaps(anchors, left.primary, left.candidate).flatMap((gap) => inTurn(gap.primary, gap.candidate, label))];
}

interface Gap<T> {
  readonly primary: Element<T>[];
  readonly candidate: Element<T>[];
}

/** What stands before, between and after the anchors. */
function gaps<T>(anchors: readonly Pair<T>[], primary: readonly Element<T>[], candidate: readonly Element<T>[]): Gap<T>[] {
  let [i, j] = [0, 0];
  const upTo = (end: Pair<T> | undefined): Gap<T> => {
    const [from, since] = [i, j];
    while (i < primary.length && (primary[i]?.at ?? 0) < (end?.primary.at ?? Infinity)) i += 1;
    while (j < candidate.length && (candidate[j]?.at ?? 0) < (end?.candidate.at ?? Infinity)) j += 1;
    return { primary: primary.slice(from, i), candidate: candidate.slice(since, j) };
  };
  return [...anchors, undefined].map(upTo);
}

function textOnce<T>(write: (element: Element<T>) => string): (element: Element<T>) => string {
  const written = new Map<Element<T>, string>();
  return (it) => {
    const text = written.get(it) ?? write(it);
    written.set(it, text);
    return text;
  };
}
