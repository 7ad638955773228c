import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Lifecycle } from '../observability/index.js';
import { pathOf } from './open-input.js';
import { stateOf } from './request-state.js';

/** The API's page styles its elements in place; everything it loads still comes from here. */
const DOCS_SECURITY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/** The last hook before an answer leaves. */
export function answerHeaders(lifecycle: Lifecycle) {
  return (request: FastifyRequest, reply: FastifyReply, payload: unknown, done: (error: Error | null, payload: unknown) => void): void => {
    // What one person was answered is nobody else's, not even on a shared computer.
    if (stateOf(request)?.identity.is === 'known' && !reply.hasHeader('Cache-Control')) reply.header('Cache-Control', 'no-store');
    // The client opens its next connection to a process that stays.
    if (lifecycle.state === 'draining') reply.header('Connection', 'close');
    if (isDocs(pathOf(request))) reply.header('Content-Security-Policy', DOCS_SECURITY);
    done(null, payload);
  };
}

function isDocs(path: string): boolean {
  return path === '/docs' || path.startsWith('/docs/');
}
