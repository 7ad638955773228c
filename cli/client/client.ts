import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Connection } from './config.js';

const TIMEOUT_MS = 60_000;
/** The statuses that say "later" when they say how much: a process that is starting or draining, a part that is away, the same request still running. */
const LATER: ReadonlySet<number> = new Set([409, 429, 503]);
const TRIES = 4;

const sessionSchema = z.looseObject({ accessToken: z.string().min(1) });
const problemSchema = z.looseObject({
  code: z.string(), detail: z.string(), traceId: z.string().optional(), errors: z.array(z.looseObject({ path: z.string(), message: z.string() })).default([]),
});

/** The app answered, and the answer is no. */
class Refused extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

/** The HTTP API of a running app, as the verbs of the command line use it. Its errors are sentences for people. */
export class Client {
  private token: string | undefined;

  constructor(private readonly connection: Connection) {
    this.token = connection.token;
  }

  /** @throws Refused, or Error when there is no answer or not the one that was expected */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.ask('GET', path, schema);
  }

  /** What is no JSON. @throws Refused, or Error when there is no answer */
  async text(path: string): Promise<string> {
    return this.answer('GET', path);
  }

  /** Sends a write under a key of its own, so that trying again does nothing twice. @throws as `get` */
  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return this.ask('POST', path, schema, { body: JSON.stringify(body), key: randomUUID() });
  }

  /** As `post`. */
  async delete<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return this.ask('DELETE', path, schema, { key: randomUUID() });
  }

  private async ask<T>(method: string, path: string, schema: z.ZodType<T>, write?: Write): Promise<T> {
    return expected(`${method} ${path}`, json(await this.answer(method, path, write)), schema);
  }

  private async answer(method: string, path: string, write?: Write): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const token = this.token ?? (await this.signIn());
      const response = await this.send(method, path, { authorization: `Bearer ${token}`, ...(write && { 'idempotency-key': write.key }) }, write?.body);
      const body = await response.text();
      if (response.ok) return body;
      if (response.status === 401 && this.connection.login && attempt < TRIES) {
        this.token = undefined;
      } else if (LATER.has(response.status) && response.headers.has('retry-after') && attempt < TRIES) {
        await pause(response);
      } else throw refusal(response.status, json(body));
    }
  }

  private async signIn(): Promise<string> {
    const { login } = this.connection;
    if (!login) throw new Refused(401, 'unauthenticated', 'BANYAN_TOKEN is not accepted (any more), and there is no login to get another one with.');
    const response = await this.send('POST', '/v1/sessions', {}, JSON.stringify(login));
    const body = json(await response.text());
    if (!response.ok) throw refusal(response.status, body);
    this.token = expected('POST /v1/sessions', body, sessionSchema).accessToken;
    return this.token;
  }

  private async send(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Response> {
    try {
      return await fetch(new URL(path, this.connection.url), {
        method, headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) }, signal: AbortSignal.timeout(TIMEOUT_MS), ...(body !== undefined && { body }),
      });
    } catch (error) {
      throw new Error(`Nothing answers at ${this.connection.url} (${reasonOf(error)}). Start it with "npm start", or say where it is: BANYAN_URL=https://…`, { cause: error });
    }
  }
}

interface Write {
  readonly body?: string;
  readonly key: string;
}

/** @returns undefined when it is none */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function expected<T>(request: string, body: unknown, schema: z.ZodType<T>): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new Error(`${request} was answered in a form that this version does not know: ${z.prettifyError(read.error).replaceAll('\n', ' ')}. Is the app of the same version?`);
}

function refusal(status: number, body: unknown): Refused {
  const problem = problemSchema.safeParse(body);
  if (!problem.success) return new Refused(status, `http-${status}`, `It was refused with status ${status}, without a reason. Is this address that of a Banyan app?`);
  const { code, detail, errors, traceId } = problem.data;
  const fields = errors.map(({ path, message }) => `\n  ${path} ${message}`).join('');
  return new Refused(status, code, `${detail} (${status} ${code}${traceId ? `, trace ${traceId}` : ''})${fields}`);
}

async function pause(response: Response): Promise<void> {
  const seconds = Math.min(10, Number(response.headers.get('retry-after')) || 1);
  await new Promise((resolve) => { setTimeout(resolve, seconds * 1_000); });
}

function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return error instanceof Error ? error.message : String(error);
}
