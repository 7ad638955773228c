import { z } from 'zod';
import { exchange, type Answer, type Exchange, type HttpRequest } from './http.js';
import { type Patience } from './patience.js';

/** How the replay shows who it is: a ready token, or a staff login (which outlives the token). */
export interface Credentials {
  readonly token?: string | undefined;
  readonly login?: { readonly email: string; readonly password: string } | undefined;
}

/** The shop answered, and the answer is no: sending the same again will not help. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    request: string,
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${request}: ${code} (${detail})`);
  }
}

/** The shop does not let this user do it at all; no document would fare better. */
export class AccessDenied extends Error {
  override readonly name = 'AccessDenied';
}

/** A write as the replay sends it. */
export interface Write {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly key: string;
  readonly body: unknown;
}

// One token may expire while its request waits to be sent again, and the next one too, but not forever.
const MOST_REFUSED_TOKENS = 4;

const Session = z.looseObject({ accessToken: z.string().min(1) });
const Problem = z.looseObject({ code: z.string().optional(), title: z.string().optional(), detail: z.string().optional() });

/** The shop's HTTP API as staff uses it; keeps the login alive and holds out while the shop is away. */
export class Shop {
  #token: string | undefined;
  #login: Promise<string> | undefined;

  constructor(
    private readonly url: string,
    private readonly credentials: Credentials,
    private readonly patience: Patience,
  ) {
    this.#token = credentials.token;
  }

  /** Reads a resource; undefined where there is none (404). */
  async find<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const answer = await this.#ask({ method: 'GET', path });
    return answer.status === 404 ? undefined : parsed(`GET ${path}`, answer, schema);
  }

  /** Reads a resource that must be there. */
  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return parsed(`GET ${path}`, await this.#ask({ method: 'GET', path }), schema);
  }

  /** Writes under an idempotency key; `replayed` tells that an earlier try had got through. */
  async send<T>(write: Write, schema: z.ZodType<T>): Promise<{ body: T; replayed: boolean }> {
    const answer = await this.#ask(write);
    return { body: parsed(`${write.method} ${write.path}`, answer, schema), replayed: answer.headers['idempotent-replayed'] === 'true' };
  }

  async #ask(call: { method: HttpRequest['method']; path: string; key?: string; body?: unknown }): Promise<Answer> {
    for (let refusedTokens = 1; ; refusedTokens += 1) {
      const token = this.#token ?? (await this.#logIn());
      const outcome = await this.#persist(this.#request(call, token));
      if (outcome.is === 'no-answer') {
        throw new Refused(`${call.method} ${call.path}`, 'no-answer', `${outcome.why}, while others are answered`);
      }
      if (outcome.status === 403) throw new AccessDenied('this user may not place orders for others: staff is needed (403)');
      if (outcome.status !== 401) return outcome;
      if (refusedTokens >= MOST_REFUSED_TOKENS) throw new AccessDenied('the shop refuses the tokens that it issues (401)');
      // Eight documents in flight find out together that the token expired; one of them logs in.
      if (this.#token === token) this.#token = undefined;
    }
  }

  #logIn(): Promise<string> {
    this.#login ??= this.#openSession().finally(() => (this.#login = undefined));
    return this.#login;
  }

  async #openSession(): Promise<string> {
    const { login } = this.credentials;
    if (!login) throw new AccessDenied('the token of BANYAN_TOKEN is not accepted (401), and there is no login to renew it');
    const answer = await this.#persist({
      method: 'POST',
      url: `${this.url}/v1/sessions`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(login),
    });
    if (answer.is === 'no-answer') throw new AccessDenied(`the login gets no answer (${answer.why})`);
    if (answer.status >= 300) throw new AccessDenied(`the login is refused: ${refusal('POST /v1/sessions', answer).message}`);
    this.#token = parsed('POST /v1/sessions', answer, Session).accessToken;
    return this.#token;
  }

  #request(call: { method: HttpRequest['method']; path: string; key?: string; body?: unknown }, token: string): HttpRequest {
    const headers: Record<string, string> = { authorization: `Bearer ${token}` };
    const url = `${this.url}${call.path}`;
    if (!call.key) return { method: call.method, url, headers };
    headers['content-type'] = 'application/json';
    headers['idempotency-key'] = call.key;
    headers['x-correlation-id'] = call.key;
    return { method: call.method, url, headers, body: JSON.stringify(call.body) };
  }

  #persist(request: HttpRequest): Promise<Exchange> {
    const probe: HttpRequest = { method: 'GET', url: `${this.url}/v1/orders?limit=1`, headers: {} };
    return this.patience.persist(() => exchange(request), () => exchange(probe));
  }
}

function parsed<T>(request: string, answer: Answer, schema: z.ZodType<T>): T {
  if (answer.status < 200 || answer.status >= 300) throw refusal(request, answer);
  const result = schema.safeParse(answer.body);
  if (!result.success) throw new Refused(request, 'unexpected-answer', z.prettifyError(result.error).replaceAll('\n', ' '));
  return result.data;
}

function refusal(request: string, answer: Answer): Refused {
  const problem = Problem.safeParse(answer.body);
  const { code, title, detail } = problem.success ? problem.data : {};
  return new Refused(request, code ?? `http-${answer.status}`, detail ?? title ?? `status ${answer.status}`);
}
