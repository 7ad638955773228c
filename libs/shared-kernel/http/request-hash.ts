import { createHash, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { SECRET_FIELDS } from '../observability/index.js';
import type { KeyOwner } from './idempotency-store.js';

const stretch = promisify<string, string, number, Buffer>(scrypt);

/**
 * SHA-256 over method, address and the body's canonical JSON (keys sorted), in hex: equal for the same request,
 * however its JSON was written. It is stored, so a password in the body is stretched first (scrypt, some tens of
 * milliseconds): from the bare hash of an otherwise known body it could be guessed at leisure.
 */
export async function requestHash(request: { readonly method: string; readonly url: string; readonly body: unknown }, owner: KeyOwner): Promise<string> {
  const body = await withoutSecrets(request.body, owner);
  return createHash('sha256').update(`${request.method}\n${request.url}\n`).update(JSON.stringify(body, sorted) ?? '').digest('hex');
}

async function withoutSecrets(body: unknown, { principalId, key }: KeyOwner): Promise<unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const fields = await Promise.all(Object.entries(body).map(async ([name, value]: [string, unknown]) => {
    if (typeof value !== 'string' || !SECRET_FIELDS.includes(name)) return [name, value] as const;
    return [name, (await stretch(value, `${principalId}\n${key}\n${name}`, 32)).toString('base64url')] as const;
  }));
  return Object.fromEntries(fields);
}

function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
