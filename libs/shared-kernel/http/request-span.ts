import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type SpanFacts, openSpan } from '../observability/index.js';

/** Serves the request under a span that ends when the answer is out, or when its client has gone away. */
export function underRequestSpan(request: FastifyRequest, reply: FastifyReply, serve: () => void): void {
  const span = isForContexts(request) ? openSpan(factsOf, request) : undefined;
  if (span === undefined) {
    serve();
    return;
  }
  finished(reply.raw, (error) => {
    const status = reply.raw.statusCode;
    span.end(error ? { failure: { type: 'aborted', isFault: false } } : {
      attributes: { 'http.response.status_code': status },
      ...(status >= 400 && { failure: { type: String(status), isFault: status >= 500 } }),
    });
  });
  span.within(serve);
}

/** Probes, scrapes, documents and wrong addresses say nothing about the shop; they would hide what does. */
function isForContexts({ routeOptions: { config } }: FastifyRequest): boolean {
  const facts = config.banyan;
  return facts !== undefined && (facts.context !== 'app' || facts.access.is === 'roles');
}

function factsOf({ method, protocol, routeOptions: { url: route = 'none' } }: FastifyRequest): SpanFacts {
  return { kind: 'server', name: `${method} ${route}`, attributes: { 'http.request.method': method, 'http.route': route, 'url.scheme': protocol } };
}
