import { randomUUID } from 'node:crypto';
import type { HttpApp } from '../http/index.js';
import type { Somebody, TestTokens } from './tokens.js';

export interface TestRequest {
  readonly as?: Somebody;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The Idempotency-Key of a request that writes; a new one when left out, none when null. */
  readonly key?: string | null;
}

export interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** The parsed JSON, or undefined where there is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape; the assertion is the check
  readonly body: any;
}

/** Sends one request through the whole HTTP stack of an app, without a socket. */
export async function sendRequest(app: HttpApp, tokens: TestTokens, method: string, path: string, { as, body, headers = {}, key }: TestRequest): Promise<TestResponse> {
  const response = await app.inject({
    method: method as 'GET',
    url: path,
    headers: {
      ...(as && { authorization: `Bearer ${await tokens.tokenFor(as)}` }),
      ...(method !== 'GET' && key !== null && { 'idempotency-key': key ?? randomUUID() }),
      ...headers,
    },
    ...(body !== undefined && { payload: body as object }),
  });
  const isJson = String(response.headers['content-type'] ?? '').includes('json');
  return { status: response.statusCode, headers: response.headers, body: isJson ? response.json() : undefined };
}
