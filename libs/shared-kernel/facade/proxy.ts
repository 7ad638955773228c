import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher as Undici } from 'undici';
import { BanyanError } from '../contract/index.js';
import { remainingMs } from '../runtime/index.js';
import { NoInstance } from './errors.js';
import { Exchange, NeverSent, type Passed } from './exchange.js';
import type { Instance } from './instances.js';
import { requestHeaders } from './passed-headers.js';
import { type Upstream, Upstreams } from './upstreams.js';

/** A request on its way to the app that its context was lifted into. */
export interface Forwarded {
  readonly context: string;
  /** The app that it goes to. */
  readonly app: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly instances: readonly Instance[];
  /** Says to the other side that this process sends it. */
  readonly serviceToken: string;
}

/**
 * Passes requests on and answers back, as streams in both directions, with the connections kept. What surely did not run
 * goes to the next instance, and so does a read that broke off; a write that may have run is not sent again.
 */
export class Proxy {
  private readonly upstreams = new Upstreams();

  /**
   * Resolves when there is nothing more to pass on.
   * @throws NoInstance, DeadlineExceeded before anything was answered
   */
  async forward(forwarded: Forwarded): Promise<Passed> {
    const { context, app, request, response, instances, serviceToken } = forwarded;
    const body = bodyOf(request);
    const tried = new Set<Upstream>();
    let failure: unknown = new NoInstance(`No process of ${app}, where ${context} is, answers.`, { context });
    for (;;) {
      const upstream = this.upstreams.choose(instances, tried);
      if (!upstream) throw asRefusal(failure, forwarded);
      const ms = remainingMs();
      try {
        return await new Exchange(upstream, response).run({
          method: request.method as Undici.HttpMethod, path: request.url ?? '/', headers: requestHeaders(request, serviceToken, ms), body,
        }, ms);
      } catch (error) {
        // A body that is a stream may be used up.
        if (body === request || !(error instanceof NeverSent || mayRunTwice(request, error))) throw asRefusal(error, forwarded);
        failure = error;
        tried.add(upstream);
      }
    }
  }

  async stop(): Promise<void> {
    await this.upstreams.stop();
  }
}

/**
 * A body that has come with its head is there in one piece and can be sent as one, and to the next instance as well;
 * any other is passed on as it comes.
 */
function bodyOf(request: IncomingMessage): IncomingMessage | Buffer | null {
  if (!hasBody(request)) return null;
  if (!request.complete && request.readableLength !== Number(request.headers['content-length'])) return request;
  const body = request.read() as Buffer | null;
  request.resume(); // until Node knows that it has ended
  return body;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined ? headers['content-length'] !== '0' : headers['transfer-encoding'] !== undefined;
}

/** RFC 9110, 9.2.1: they change nothing. Nor is there time for another try of what took all of it. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

function mayRunTwice({ method = '' }: IncomingMessage, error: unknown): boolean {
  return SAFE.has(method) && !(error instanceof BanyanError);
}

/** What is thrown before the head of an answer is out becomes a problem of ours. */
function asRefusal(error: unknown, { context, app }: Forwarded): Error {
  if (error instanceof BanyanError) return error;
  if (error instanceof NeverSent) return new NoInstance(`No process of ${app}, where ${context} is, takes connections; nothing was sent.`, { context });
  return new NoInstance(`The process of ${app}, where ${context} is, broke off. Whether it has done it nobody knows: send a write again with the same Idempotency-Key.`, { context });
}
