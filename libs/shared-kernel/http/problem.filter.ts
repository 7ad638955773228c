import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NotFound } from '../contract/index.js';
import { logger } from '../observability/index.js';
import { BanyanHttpAdapter } from './adapter.js';
import { MethodNotAllowed } from './errors.js';
import { pathOf } from './open-input.js';
import { headersOf, problemOf, refusalOf, type Refusal } from './problem.js';
import { stateOf } from './request-state.js';

const log = logger('http');

/** What a handler may have said about an answer that is not sent after all. */
const SAID_TOO_EARLY = ['Location', 'ETag', 'Content-Length', 'Idempotent-Replayed'];

/** Answers every error, wherever it was thrown, as problem+json; what is our defect is logged with its stack. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly host: HttpAdapterHost<BanyanHttpAdapter>) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const answer = (): void => this.answer(exception, request, reply);
    // Errors of the body's stream come in from outside of the request's asynchronous context.
    const state = stateOf(request);
    if (state) state.resume(answer);
    else answer();
  }

  private answer(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const refusal = this.unrouted(exception, request, reply) ?? refusalOf(exception);
    report(exception, refusal);
    const state = stateOf(request);
    if (state) state.problem = refusal.error.code;
    // Too late for another answer: the head of one has gone out.
    if (reply.sent || reply.raw.headersSent) return;
    for (const name of SAID_TOO_EARLY) reply.removeHeader(name);
    // Fastify would cut the connection while a too large body still arrives, and with it the answer. Node reads the rest away.
    if (refusal.status === 413) reply.removeHeader('Connection');
    void reply.status(refusal.status).headers(headersOf(refusal)).send(JSON.stringify(problemOf(refusal)));
  }

  /** The router knows an address by its method; tells an unknown address from a method it does not have. */
  private unrouted(exception: unknown, request: FastifyRequest, reply: FastifyReply): Refusal | undefined {
    if (!request.is404 || !(exception instanceof HttpException) || exception.getStatus() !== 404) return undefined;
    const methods = this.host.httpAdapter.methodsAt(pathOf(request));
    if (methods.length === 0) return { error: new NotFound('There is nothing under this address.'), status: 404 };
    reply.header('Allow', methods.join(', '));
    return { error: new MethodNotAllowed(`${request.method} is not possible here; ${methods.join(', ')} is.`), status: 405 };
  }
}

function report(exception: unknown, { error, status }: Refusal): void {
  if (status === 500) log.error({ err: exception, problem: error.code }, 'A request failed because of a defect here.');
  else if (status > 500) log.warn({ err: exception, problem: error.code }, 'A request could not be served now.');
}
