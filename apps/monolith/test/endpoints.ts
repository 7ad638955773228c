import type { Shopping } from './shop.js';

/** One operation of the shop, as its OpenAPI document tells it. */
export interface Endpoint {
  readonly method: string;
  /** With `{placeholders}`. */
  readonly path: string;
  readonly isPublic: boolean;
  readonly takesBody: boolean;
  readonly requiredFields: readonly string[];
}

interface Operation {
  readonly security?: readonly unknown[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: { readonly required?: readonly string[]; readonly $ref?: string } }>> };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly required?: readonly string[] }>> };
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];

/** Every endpoint there is: new ones are tested without anybody remembering it. */
export async function endpointsOf(shop: Shopping): Promise<Endpoint[]> {
  const { body } = await shop.send('GET', '/openapi.json');
  const document = body as Document;
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).filter(([method]) => METHODS.includes(method)).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      isPublic: (operation.security ?? []).length === 0,
      takesBody: operation.requestBody !== undefined,
      requiredFields: requiredOf(document, operation),
    })));
}

function requiredOf({ components }: Document, { requestBody }: Operation): readonly string[] {
  const schema = requestBody?.content['application/json']?.schema;
  const named = schema?.$ref?.split('/').at(-1);
  return (named ? components.schemas[named]?.required : schema?.required) ?? [];
}

/** Fills placeholders: `sku` with an article, anything else with an id that nothing has. */
export function filled(path: string, sku: string): string {
  return path.replace('{sku}', sku).replaceAll(/\{\w+\}/g, '01890000-0000-7000-8000-000000000000');
}
