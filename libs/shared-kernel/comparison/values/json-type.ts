export type JsonType = 'absent' | 'null' | 'list' | 'object' | 'string' | 'number' | 'boolean' | 'other';

export function jsonType(value: unknown): JsonType {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  const type = typeof value;
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'other';
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that the object has itself: `toString` may be a field like any other. */
export function fieldOf(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Are they the same to the letter? A field without a value counts as absent. */
export function isIdentical(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isList(a)) return isList(b) && areIdenticalLists(a, b);
  return isObject(a) && isObject(b) && areIdenticalObjects(a, b);
}

function areIdenticalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (!isIdentical(a[i], b[i])) return false;
  return true;
}

function areIdenticalObjects(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  let fields = 0;
  for (const name of Object.keys(a)) {
    if (!isIdentical(a[name], fieldOf(b, name))) return false;
    if (a[name] !== undefined) fields += 1;
  }
  for (const name of Object.keys(b)) if (b[name] !== undefined) fields -= 1;
  return fields === 0;
}
