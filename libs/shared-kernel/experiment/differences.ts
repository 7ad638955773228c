import { isDeepStrictEqual } from 'node:util';

/** A place at which control and candidate do not say the same. */
export interface Difference {
  /** For example `answer.lines[0].debit`. */
  readonly field: string;
  readonly control: unknown;
  readonly candidate: unknown;
}

/** Compares what the control and the candidate came to; an empty list means that it is the same. */
export type Compare = (control: unknown, candidate: unknown) => readonly Difference[];

/** Every place at which two values are not deeply equal. The order of fields does not matter, that of lists does. */
export const differences: Compare = (control, candidate) => [...differing('', control, candidate)];

function* differing(field: string, control: unknown, candidate: unknown): Generator<Difference> {
  if (isDeepStrictEqual(control, candidate)) return;
  const [ours, theirs] = [partsOf(control), partsOf(candidate)];
  if (!ours || !theirs || Array.isArray(control) !== Array.isArray(candidate)) {
    yield { field, control, candidate };
    return;
  }
  for (const part of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const isMissing = !Object.hasOwn(ours, part) || !Object.hasOwn(theirs, part);
    const place = Array.isArray(control) ? `${field}[${part}]` : [field, part].filter((it) => it !== '').join('.');
    if (isMissing) yield { field: place, control: ours[part], candidate: theirs[part] };
    else yield* differing(place, ours[part], theirs[part]);
  }
}

/** What can be looked into part by part; everything else is equal or not as a whole. */
function partsOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
  return isPlain ? { ...value } : undefined;
}
