import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Database, Ending, Occasion, Watched } from '../persistence/index.js';

type Done = (error?: Error) => void;

/** Those that can decide what a handler does; who asks is pinned apart, and a token must not be written down. */
const TELLING_HEADERS = ['idempotency-key', 'if-match', 'if-none-match', 'content-type', 'accept', 'accept-language', 'prefer', 'last-event-id'] as const;
/** The transport's, or different each time by their nature. */
const UNTOLD_HEADERS = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding', 'traceparent', 'x-correlation-id']);

/** A request in all that it takes to send it again. */
export const givenRequest = z.object({
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']), url: z.string(), headers: z.record(z.string(), z.string()), body: z.unknown(),
});

/** Fastify's hooks through which witnesses of contexts see their requests: everything between who asks and the bytes of the answer. */
export function witnessRequests(databases: ReadonlyMap<string, Database>) {
  const watched = new WeakMap<FastifyRequest, Watched>();
  return {
    preHandler: (request: FastifyRequest, _reply: FastifyReply, done: Done): void => {
      const { context = '', streams = false } = request.routeOptions.config.banyan ?? {};
      const witness = databases.get(context)?.witness;
      // What never ends cannot be held against anything.
      const input = witness?.isWatching && !streams ? witness.begin(occasionOf(request)) : undefined;
      if (!input) return done();
      watched.set(request, input);
      if (!input.ready) return input.within(() => done());
      void whenReady(input, done);
    },
    onSend: (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: (error: null, payload: unknown) => void): void => {
      watched.get(request)?.ended(endingOf(reply, payload));
      done(null, payload);
    },
  };
}

async function whenReady(input: Watched, done: Done): Promise<void> {
  await input.ready;
  input.within(() => done());
}

function occasionOf({ method, url, headers, body, routeOptions }: FastifyRequest): Occasion {
  const told = TELLING_HEADERS.flatMap((name) => { const value = headers[name]; return typeof value === 'string' ? [[name, value] as const] : []; });
  const given = { method, url, headers: Object.fromEntries(told), body: body ?? null };
  return { kind: 'request', name: `${method} ${routeOptions.url ?? ''}`, given };
}

/** @param payload what is sent: text, for all that is JSON */
function endingOf(reply: FastifyReply, payload: unknown): Ending {
  const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) => (UNTOLD_HEADERS.has(name) || value === undefined ? [] : [[name, String(value)] as const]));
  return { is: 'http', status: reply.statusCode, headers: Object.fromEntries(headers), body: bodyOf(payload) };
}

/** What is no JSON is compared as it is; a stream is not kept. */
function bodyOf(payload: unknown): unknown {
  if (typeof payload !== 'string') return null;
  try {
    return JSON.parse(payload) as unknown;
  } catch {
    return payload;
  }
}
