import { z } from 'zod';
import type { Schema } from '../snapshot.js';

/** Says nothing about which values are let through. */
const ANNOTATIONS: ReadonlySet<string> = new Set(['$schema', '$defs', 'id', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly', 'writeOnly']);

/** A schema without what lets no value through or keeps none out. */
function withoutAnnotations(schema: Schema): Schema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !ANNOTATIONS.has(keyword)));
}

/** The same text for schemas that say the same, in whatever order they say it. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, it: unknown) => {
    if (!isSchema(it)) return it;
    return Object.fromEntries(Object.entries(withoutAnnotations(it)).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** A schema, as against `true`, `false` and what is none. */
export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function schemasOf(value: unknown): Schema[] {
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

/** Follows `#` and `#/$defs/…`; anything else stays what it is. */
export function resolved(schema: Schema, root: Schema): Schema {
  const { $ref: reference } = schema;
  if (reference === '#') return root;
  if (typeof reference !== 'string') return schema;
  const { $defs: definitions } = root;
  const found = isSchema(definitions) ? definitions[reference.replace('#/$defs/', '')] : undefined;
  return isSchema(found) ? found : schema;
}

/** The forms a value may take: the branches of a union, the types of a list of types, the values of an enum. */
export function alternatives(schema: Schema, root: Schema): Schema[] {
  const { anyOf, oneOf, type, enum: values, ...rest } = withoutAnnotations(resolved(schema, root));
  const branches = [...schemasOf(anyOf), ...schemasOf(oneOf)];
  if (branches.length > 0) return branches.flatMap((it) => alternatives(it, root));
  if (Array.isArray(values)) return values.map((it: unknown) => ({ const: it }));
  if (Array.isArray(type)) return type.map((it: unknown) => (it === 'null' ? { const: null } : { ...rest, type: it }));
  if ('const' in rest) return [{ const: rest['const'] }];
  return [type === 'null' ? { const: null } : { ...rest, ...(type !== undefined && { type }) }];
}

/** Does the schema let this one value through? Not, as far as anybody can tell, when it cannot be judged. */
export function accepts(schema: Schema, value: unknown): boolean {
  try {
    return z.fromJSONSchema(schema).safeParse(value).success;
  } catch {
    return false;
  }
}

/** A form of a value in a few words. */
export function named(schema: Schema): string {
  if ('const' in schema) return JSON.stringify(schema['const']);
  const tag = tagOf(schema);
  if (tag) return `{ ${tag} }`;
  return typeof schema['type'] === 'string' ? `${/^[aeiou]/.test(schema['type']) ? 'an' : 'a'} ${schema['type']}` : 'anything';
}

/** The fields by whose one value the branches of a union are told apart: `is: "authorized"`. */
export function tagOf({ properties }: Schema): string {
  if (!isSchema(properties)) return '';
  return Object.entries(properties).flatMap(([name, it]) => (isSchema(it) && 'const' in it ? `${name}: ${JSON.stringify(it['const'])}` : [])).sort().join(', ');
}
