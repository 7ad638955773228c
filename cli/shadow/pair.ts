/** A line of both sides; undefined where a side has none. */
export interface PairedLine {
  readonly primary: string | undefined;
  readonly candidate: string | undefined;
  readonly isSame: boolean;
}

/** Lines of one side beyond which pairs are made by position; finding the longest common part takes the square of it. */
const MOST_LINES = 1_500;

/** Two values as indented JSON, line beside line: what is the same stands beside each other. */
export function paired(primary: unknown, candidate: unknown): PairedLine[] {
  const [a, b] = [linesOf(primary), linesOf(candidate)];
  if (a.length > MOST_LINES || b.length > MOST_LINES) return inPairs(a, b);
  const common = longestCommon(a, b);
  const pairs: PairedLine[] = [];
  let [i, j] = [0, 0];
  for (const [x, y] of [...common, [a.length, b.length] as const]) {
    pairs.push(...inPairs(a.slice(i, x), b.slice(j, y)));
    if (x < a.length) pairs.push({ primary: a[x], candidate: b[y], isSame: true });
    [i, j] = [x + 1, y + 1];
  }
  return pairs;
}

function linesOf(value: unknown): string[] {
  return value === undefined || value === null ? ['nothing'] : JSON.stringify(value, null, 2).split('\n');
}

function inPairs(a: readonly string[], b: readonly string[]): PairedLine[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => ({ primary: a[i], candidate: b[i], isSame: a[i] === b[i] }));
}

/** Places of the longest common subsequence. */
function longestCommon(a: readonly string[], b: readonly string[]): (readonly [number, number])[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    const row = lengths[i] ?? new Uint16Array();
    for (let j = b.length - 1; j >= 0; j -= 1) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  const places: (readonly [number, number])[] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    if (a[i] === b[j]) places.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return places;
}
