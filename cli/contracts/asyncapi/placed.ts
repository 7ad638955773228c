import { isSchema } from '../diff/schema.js';
import type { Schema } from '../snapshot.js';

/**
 * A schema at its place in the document, in the dialect that AsyncAPI speaks: draft 07. The patterns that zod writes
 * beside well-known formats are left out; they say nothing that a reader of the document needs.
 */
export function placed(schema: Schema, name: string): Schema {
  const home = `#/components/schemas/${name}`;
  const { $schema: _dialect, ...rest } = converted(schema, home);
  return rest;
}

function converted(schema: Schema, home: string): Schema {
  const { prefixItems, items, $defs: definitions, format, pattern, ...rest } = schema;
  const keywords = {
    ...rest,
    ...(prefixItems !== undefined && { items: prefixItems, additionalItems: items ?? true }),
    ...(prefixItems === undefined && items !== undefined && { items }),
    ...(definitions !== undefined && { definitions }),
    ...(format !== undefined && { format }),
    ...(format === undefined && pattern !== undefined && { pattern }),
  };
  return Object.fromEntries(Object.entries(keywords).map(([keyword, value]) => [keyword, keyword === '$ref' ? reference(value, home) : below(value, home)]));
}

function below(value: unknown, home: string): unknown {
  if (Array.isArray(value)) return value.map((it) => below(it, home));
  return isSchema(value) ? converted(value, home) : value;
}

/** `#` and `#/$defs/…` stand for the schema itself, wherever it is put. */
function reference(to: unknown, home: string): unknown {
  return typeof to === 'string' ? to.replace(/^#\/\$defs\//, `${home}/definitions/`).replace(/^#$/, home) : to;
}
