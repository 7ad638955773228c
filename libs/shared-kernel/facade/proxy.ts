import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Dispatcher as Undici } from 'undici';
import { BanyanError, DeadlineExceeded } from '../contract/index.js';
import { requireInput, remainingMs } from '../runtime/index.js';
import { NoInstance } from './errors.js';
import type { Instance } from './instances.js';
import { type Upstream, Upstreams } from './upstreams.js';

/** A request on its way to the app that its context was lifted into. */
export interface Forwarded {
  readonly context: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly instances: readonly Instance[];
  /** Says to the other side that this process sends it. */
  readonly serviceToken: string;
}

/** How it ended: the answer is out, it broke off (here too, so that it does not look complete), or the client went away. */
export type Passed = 'whole' | 'broken' | 'left';

/** RFC 9110, 7.6.1: they are about one connection and not about the message. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'host']);

const MOST_LISTENERS = 32;

/** What stands in for an app that is not there answers so. */
const AWAY = new Set([502, 503, 504]);

/** Nothing was sent, so another instance may get it. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT', 'ENOTFOUND', 'EHOSTUNREACH', 'EAI_AGAIN']);

/**
 * Passes requests on and answers back, as streams in both directions, with the connections kept. What may have run is
 * not sent again; what surely did not run goes to the next instance.
 */
export class Proxy {
  private readonly upstreams = new Upstreams();

  /**
   * Resolves when there is nothing more to pass on.
   * @throws NoInstance, DeadlineExceeded before anything was answered
   */
  async forward(forwarded: Forwarded): Promise<Passed> {
    const tried = new Set<Upstream>();
    for (;;) {
      const upstream = this.upstreams.choose(forwarded.context, forwarded.instances, tried);
      try {
        return await exchange(upstream, forwarded);
      } catch (error) {
        if (!(error instanceof NeverSent) || hasBody(forwarded.request)) throw asRefusal(error, forwarded);
        tried.add(upstream);
      }
    }
  }

  async stop(): Promise<void> {
    await this.upstreams.stop();
  }
}

class NeverSent extends Error {}

async function exchange(upstream: Upstream, forwarded: Forwarded): Promise<Passed> {
  const { request, response } = forwarded;
  const abort = new AbortController();
  const gone = (): void => { if (!response.writableFinished) abort.abort(new Error('The client went away.')); };
  const late = setTimeout(() => abort.abort(new DeadlineExceeded('The answer took longer than the time this request had.')), Math.min(remainingMs(), 2 ** 31 - 1));
  response.once('close', gone);
  // Whoever logs, counts and compares listens to it too, which together is no leak.
  response.setMaxListeners(MOST_LISTENERS);
  upstream.underWay += 1;
  try {
    const answer = await upstream.pool.request({
      method: request.method as Undici.HttpMethod, path: request.url ?? '/', headers: headersFor(forwarded), body: hasBody(request) ? request : null, signal: abort.signal,
    });
    if (AWAY.has(answer.statusCode)) upstream.failed();
    else upstream.answered();
    // The head is out now: whether the body comes in time is the client's to judge, as with any stream.
    clearTimeout(late);
    response.writeHead(answer.statusCode, withoutHopByHop(answer.headers));
    return await pipeline(answer.body, response).then(() => 'whole' as const, () => {
      response.destroy();
      if (abort.signal.aborted) return 'left';
      upstream.failed();
      return 'broken';
    });
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    if (NEVER_SENT.has(code)) {
      upstream.failed(true);
      throw new NeverSent(code, { cause: error });
    }
    if (abort.signal.aborted && !(abort.signal.reason instanceof DeadlineExceeded)) return 'left';
    upstream.failed();
    throw error;
  } finally {
    clearTimeout(late);
    response.removeListener('close', gone);
    upstream.underWay -= 1;
  }
}

/** What is thrown before the head of an answer is out becomes a problem of ours. */
function asRefusal(error: unknown, { context }: Forwarded): Error {
  if (error instanceof BanyanError) return error;
  if (error instanceof NeverSent) return new NoInstance(`The process of the app that ${context} was lifted into does not take connections; nothing was sent.`, { context });
  return new NoInstance(`The process of the app that ${context} was lifted into broke off. Whether it has done it nobody knows: send a write again with the same Idempotency-Key.`, { context });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined ? headers['content-length'] !== '0' : headers['transfer-encoding'] !== undefined;
}

function headersFor({ request, serviceToken }: Forwarded): IncomingHttpHeaders {
  const { correlationId, traceparent } = requireInput();
  const deadlineMs = remainingMs();
  const { remoteAddress } = request.socket;
  return {
    ...withoutHopByHop(request.headers),
    'x-banyan-service-token': serviceToken,
    'x-correlation-id': correlationId,
    traceparent,
    ...(deadlineMs === Infinity ? {} : { 'x-banyan-deadline-ms': String(Math.max(1, Math.round(deadlineMs))) }),
    'x-forwarded-for': [request.headers['x-forwarded-for'], remoteAddress].flat().filter((it) => it !== undefined).join(', '),
    'x-forwarded-host': request.headers['x-forwarded-host'] ?? request.headers.host ?? '',
    'x-forwarded-proto': request.headers['x-forwarded-proto'] ?? 'http',
  };
}

function withoutHopByHop(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const named = String(headers.connection ?? '').toLowerCase().split(',').map((it) => it.trim());
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && !named.includes(name)));
}
