import type { FastifyRequest } from 'fastify';
import { InvalidInput, type FieldProblem } from '../contract/index.js';
import { MalformedJson, MalformedRequest, UnsupportedMediaType } from './errors.js';

/** How deep objects and lists may be nested in a body. */
const MAX_DEPTH = 20;
/** More problems than this are counted, not listed. */
export const MAX_PROBLEMS = 1_000;

/**
 * Refuses what would make the body ambiguous or unreadable, before it is read.
 * @throws MalformedRequest for two content types; UnsupportedMediaType for a compressed body or another charset
 */
export function refuseStrangeHeaders(request: FastifyRequest): void {
  const { 'content-type': type, 'content-encoding': encoding } = request.headers;
  // Node keeps the first of several silently; a proxy in front may have judged by another.
  const types = request.raw.rawHeaders.filter((name, i) => i % 2 === 0 && name.toLowerCase() === 'content-type');
  if (types.length > 1) throw new MalformedRequest('The request has more than one Content-Type header.');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new UnsupportedMediaType('Compressed bodies are not read here. Send it without Content-Encoding.');
  }
  const charset = type === undefined ? undefined : /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(type)?.[1];
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset)) {
    throw new UnsupportedMediaType('JSON is UTF-8. Send the body in that charset.');
  }
}

/**
 * Reads a JSON body; undefined when it is empty.
 * @throws MalformedJson for bytes that are not UTF-8, and for text that is not JSON
 */
export function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const text = decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    // V8 quotes the body in its message; the position says as much.
    const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined;
    throw new MalformedJson(position === undefined ? 'The body ends before the JSON does, or is no JSON at all.' : `The body is not JSON: it goes wrong at character ${position}.`);
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new MalformedJson('The body is not valid UTF-8.');
  }
}

/**
 * Refuses text that PostgreSQL cannot hold, keys that could reach an object's prototype, and nesting beyond
 * `MAX_DEPTH`, anywhere in body, query and path.
 * @throws InvalidInput naming every such place
 */
export function refuseUnstorable(request: Pick<FastifyRequest, 'body' | 'query' | 'params'>): void {
  const problems: FieldProblem[] = [];
  walk(request.body, '', 0, problems);
  problems.push(...flat(request.query, (name) => `?${name}`), ...flat(request.params, (name) => `{${name}}`));
  if (problems.length > 0) throw new InvalidInput('The request holds text or nesting that cannot be stored. The fields are listed.', {}, problems);
}

function walk(value: unknown, path: string, depth: number, problems: FieldProblem[]): void {
  if (problems.length >= MAX_PROBLEMS) return;
  if (typeof value === 'string') {
    const message = unstorable(value);
    if (message !== undefined) problems.push({ path, message });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) {
    problems.push({ path, message: `Is nested deeper than ${MAX_DEPTH} levels.` });
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    const place = `${path}/${pointerPart(key)}`;
    const message = Array.isArray(value) ? undefined : strangeKey(key, child);
    if (message === undefined) walk(child, place, depth + 1, problems);
    else problems.push({ path: place, message });
  }
}

function strangeKey(key: string, child: unknown): string | undefined {
  const poisons = key === '__proto__' || (key === 'constructor' && typeof child === 'object' && child !== null && Object.hasOwn(child, 'prototype'));
  return poisons ? 'Is not allowed as the name of a field.' : unstorable(key);
}

function unstorable(text: string): string | undefined {
  if (text.includes('\0')) return 'Contains a NUL character.';
  return text.isWellFormed() ? undefined : 'Contains half of a surrogate pair.';
}

function flat(values: unknown, pathOf: (name: string) => string): FieldProblem[] {
  if (typeof values !== 'object' || values === null) return [];
  return Object.entries(values).flatMap(([name, value]) => {
    const message = unstorable(name) ?? [value].flat().map((it) => unstorable(String(it))).find((it) => it !== undefined);
    return message === undefined ? [] : [{ path: pathOf(printable(name)), message }];
  });
}

/** RFC 6901, section 3, in text that can be sent back. */
function pointerPart(key: string): string {
  return printable(key).replaceAll('~', '~0').replaceAll('/', '~1');
}

function printable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u2400').slice(0, 256);
}
