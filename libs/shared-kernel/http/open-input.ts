import { randomUUID } from 'node:crypto';
import { finished } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { logger } from '../observability/index.js';
import { deadlineIn, requireInput, runInput, wallClock, type InputSeed } from '../runtime/index.js';
import { admit, type Authentication, type Identity } from './authentication.js';
import { sessionSlot } from './caller.js';
import { underRequestSpan } from './request-span.js';
import { refuseStrangeHeaders, refuseUnstorable } from './strange-input.js';
import { remember, stateOf, type RequestState } from './request-state.js';

type Done = (error?: Error) => void;

const CORRELATION_ID = /^[A-Za-z0-9._:-]{1,128}$/;
/** Longer paths are cut in the log. */
const PATH_IN_LOG = 256;

const log = logger('http');

/**
 * Fastify's first hook. Opens the request's input and goes on inside it, so that everything after it (hooks,
 * handler, errors, log lines) sees correlation, trace, deadline and principal.
 */
export function openInput(authentication: Authentication, deadlineMs: number) {
  return (request: FastifyRequest, reply: FastifyReply, done: Done): void => {
    const seed = seedOf(request, deadlineMs);
    const { authorization } = request.headers;
    const facts = request.routeOptions.config.banyan;
    const isMonitor = authentication.isMonitor(facts?.access, request);
    runInput({ ...seed, ...traceOf(request) }, () => underRequestSpan(request, reply, () => {
      if (isMonitor || !facts || authorization === undefined) enter(request, reply, { is: isMonitor ? 'monitor' : 'anonymous' }, done);
      else void enterAsHolder(authentication, { seed, request, reply, done });
    }));
  };
}

async function enterAsHolder(
  authentication: Authentication,
  { seed, request, reply, done }: { seed: InputSeed; request: FastifyRequest; reply: FastifyReply; done: Done },
): Promise<void> {
  try {
    const identity = await authentication.identify(request);
    asHolder(seed, identity, () => enter(request, reply, identity, done));
  } catch (error) {
    done(asError(error));
  }
}

/** The hook after it: who may not use the route is turned away here, before the body is read. */
export function turnAway(request: FastifyRequest, _reply: FastifyReply, done: Done): void {
  const facts = request.routeOptions.config.banyan;
  try {
    if (facts) admit(facts.access, stateOf(request)?.identity ?? { is: 'anonymous' });
    refuseStrangeHeaders(request);
  } catch (error) {
    done(asError(error));
    return;
  }
  done();
}

/** The hook after the body is read. */
export function inspect(request: FastifyRequest, _reply: FastifyReply, done: Done): void {
  try {
    refuseUnstorable(request);
  } catch (error) {
    done(asError(error));
    return;
  }
  done();
}

/** Opens an input for a request that the router refused before any hook ran. */
export function openStrayInput<R>(request: FastifyRequest, reply: FastifyReply, callback: () => R): R {
  return runInput({ ...seedOf(request, 0), ...traceOf(request) }, () => {
    introduce(request, reply, { is: 'anonymous' });
    return callback();
  });
}

function enter(request: FastifyRequest, reply: FastifyReply, identity: Identity, done: Done): void {
  introduce(request, reply, identity);
  done();
}

function introduce(request: FastifyRequest, reply: FastifyReply, identity: Identity): void {
  const state = remember(request, identity);
  const { correlationId, traceparent } = requireInput();
  reply.header('X-Correlation-ID', correlationId).header('traceparent', traceparent);
  // On the raw answer, so that it also stands on one that comes from another process.
  if (identity.is === 'known' && identity.isSessionUnknown) reply.raw.setHeader('X-Banyan-Degraded', 'session-status');
  logCompletion(request, reply, state);
}

function asHolder(seed: InputSeed, identity: Identity, callback: () => void): void {
  if (identity.is !== 'known') return callback();
  const { principal, sessionId } = identity;
  runInput({ ...seed, principal }, () => (sessionId === undefined ? callback() : sessionSlot.with(sessionId, callback)));
}

/** Apart from the rest: whoever asks becomes known in an input of its own, which comes from this request and not from the client. */
function traceOf({ headers: { traceparent } }: FastifyRequest): Pick<InputSeed, 'traceparent'> {
  return typeof traceparent === 'string' ? { traceparent } : {};
}

function seedOf(request: FastifyRequest, deadlineMs: number): InputSeed {
  const { 'x-correlation-id': given, 'x-banyan-deadline-ms': left, 'x-banyan-fault': faults } = request.headers;
  const ms = deadlineMs > 0 && typeof left === 'string' && /^\d{1,9}$/.test(left) ? Math.min(deadlineMs, Number(left)) : deadlineMs;
  return {
    inputId: randomUUID(),
    correlationId: typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID(),
    ...(ms > 0 ? { deadline: deadlineIn(ms) } : {}),
    ...(typeof faults === 'string' ? { faults } : {}),
    context: request.routeOptions.config?.banyan?.context ?? 'app',
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** One line per request, and its figures, also for those whose client went away before the answer was out. */
function logCompletion(request: FastifyRequest, reply: FastifyReply, state: RequestState): void {
  const started = wallClock.ticks();
  finished(reply.raw, (error) => {
    const durationMs = wallClock.ticks() - started;
    const { method, routeOptions: { url: route, config } } = request;
    request.server.banyanRequests?.note({
      method, route, context: config?.banyan?.context ?? 'app', seconds: durationMs / 1_000, status: error ? undefined : reply.raw.statusCode,
    });
    state.resume(() => log.info({
      method,
      route: route ?? 'none',
      path: pathOf(request).slice(0, PATH_IN_LOG),
      status: reply.raw.statusCode,
      durationMs: Math.round(durationMs * 10) / 10,
      ...(state.identity.is === 'known' ? { principalId: state.identity.principal.id } : {}),
      ...(state.problem === undefined ? {} : { problem: state.problem }),
      ...(error ? { aborted: true } : {}),
    }, error ? 'The client went away before the answer was out.' : 'Request answered.'));
  });
}

/** The path without the query, which may hold what must not be logged. */
export function pathOf(request: FastifyRequest): string {
  const [path = '/'] = request.url.split('?', 1);
  return path;
}
