/** The longest run of elements, not necessarily neighbours, whose measure grows; in n log n. */
export function longestIncreasing<T>(list: readonly T[], measure: (element: T) => number): T[] {
  const tails: Link<T>[] = [];
  for (const element of list) {
    const value = measure(element);
    const at = firstNotBelow(tails, value);
    tails[at] = { element, value, before: tails[at - 1] };
  }
  const longest: T[] = [];
  for (let link = tails.at(-1); link; link = link.before) longest.push(link.element);
  return longest.toReversed();
}

interface Link<T> {
  readonly element: T;
  readonly value: number;
  readonly before: Link<T> | undefined;
}

function firstNotBelow(tails: readonly Link<unknown>[], value: number): number {
  let [low, high] = [0, tails.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tails[middle]?.value ?? Infinity) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
