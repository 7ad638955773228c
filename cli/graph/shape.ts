import { z } from 'zod';

/** A JSON schema, as far as a reader of names needs it. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly additionalProperties?: Shape | boolean;
}

/** The names in a schema: `{ orderId, lines: [{ sku, quantity }], reason? }`; values only where they tell cases apart. */
export function shapeOf(schema: z.ZodType, io: 'input' | 'output'): string {
  return written(z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as Shape);
}

function written(shape: Shape): string {
  const choices = shape.oneOf ?? shape.anyOf;
  if (choices) return choices.map(written).join(' | ');
  if (shape.const !== undefined) return JSON.stringify(shape.const);
  if (shape.enum) return shape.enum.map((it) => JSON.stringify(it)).join(' | ');
  if (shape.properties) return object(shape.properties, shape.required ?? []);
  if (shape.items) return `[${written(shape.items)}]`;
  if (typeof shape.additionalProperties === 'object') return `{ [key]: ${written(shape.additionalProperties)} }`;
  return shape.format ?? (typeof shape.type === 'string' ? shape.type : 'anything');
}

function object(properties: Readonly<Record<string, Shape>>, required: readonly string[]): string {
  const fields = Object.entries(properties).map(([name, shape]) => {
    const key = required.includes(name) ? name : `${name}?`;
    return hasNames(shape) ? `${key}: ${written(shape)}` : key;
  });
  return fields.length > 0 ? `{ ${fields.join(', ')} }` : '{}';
}

/** Money is the same everywhere, and so are values without names in them. */
function hasNames(shape: Shape): boolean {
  if (shape.const !== undefined || shape.enum) return true;
  const names = Object.keys(shape.properties ?? {});
  if (names.length > 0) return names.join() !== 'amount,currency';
  return [...(shape.oneOf ?? shape.anyOf ?? []), ...(shape.items ? [shape.items] : [])].some(hasNames);
}
