import { z } from 'zod';

interface Converted {
  readonly schema: unknown;
  readonly components?: Record<string, unknown>;
}

/**
 * Turns a zod schema into JSON Schema 2020-12 as OpenAPI 3.1 holds it: a body as it is sent, an answer as it is
 * received. Schemas with `.meta({ id })` become components; those of bodies get the suffix `Input`, since
 * defaults and conversions make the two differ.
 */
export function toJsonSchema(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }): Converted | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $schema: _dialect, $defs = {}, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io: schemaType,
    // Refinements and transforms have no JSON Schema; the field is then described as far as it can be.
    unrepresentable: 'any',
    cycles: 'throw',
  });
  const suffix = schemaType === 'input' ? 'Input' : '';
  const components = Object.fromEntries(Object.entries($defs).map(([id, definition]) => [`${id}${suffix}`, placed(definition, suffix)]));
  return { schema: placed(rest, suffix), components };
}

/** A schema at its place in the document: zod's `id` has become its name there. */
function placed({ id: _name, ...schema }: z.core.JSONSchema.BaseSchema, suffix: string): unknown {
  return withRefs(schema, suffix);
}

/** `#/$defs/Money` → `#/components/schemas/Money`, wherever it stands. */
function withRefs(value: unknown, suffix: string): unknown {
  if (Array.isArray(value)) return value.map((it) => withRefs(it, suffix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]: [string, unknown]) => (
    key === '$ref' && typeof child === 'string' ? [key, `${child.replace('#/$defs/', '#/components/schemas/')}${suffix}`] : [key, withRefs(child, suffix)]
  )));
}
