import type { Socket } from 'node:net';
import type { NestApplicationOptions } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { logger } from '../observability/index.js';
import { requireInput, runInput } from '../runtime/index.js';
import { BodyTooLarge, HeadersTooLarge, MalformedRequest, RequestTimeout } from './errors.js';
import { openStrayInput } from './open-input.js';
import { headersOf, problemOf, refusalOf, type Refusal } from './problem.js';
import { stateOf } from './request-state.js';
import { readJson } from './strange-input.js';

/** Limits of the HTTP server. */
export interface HttpAdapterSettings {
  /** Bytes of a body that are read at most; 1 MiB when left out, room for an order of 2,000 lines. */
  readonly bodyLimit?: number;
}

const BODY_LIMIT = 1024 * 1024;
/** Milliseconds until a request must have arrived completely. */
const ARRIVAL_MS = 60_000;
/** Characters of one path parameter: a SKU of 64 characters, every one of them escaped, with room to spare. */
const PARAM_LENGTH = 512;

/** Nest on Fastify as this house runs it. Give it to `NestFactory.create`, and the app to `configureHttp`. */
export function httpAdapter(settings: HttpAdapterSettings = {}): BanyanHttpAdapter {
  return new BanyanHttpAdapter(settings.bodyLimit ?? BODY_LIMIT);
}

/** Reads JSON and nothing else, knows its addresses, and answers what never reaches a route as problem+json too. */
export class BanyanHttpAdapter extends FastifyAdapter {
  private readonly addresses: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = [];
  private readonly sockets = new Set<Socket>();

  constructor(private readonly bodyLimit: number) {
    super({
      bodyLimit,
      requestTimeout: ARRIVAL_MS,
      routerOptions: { maxParamLength: PARAM_LENGTH },
      // While draining, requests on open connections are served; see shutdown.ts.
      return503OnClosing: false,
      frameworkErrors: answerUnroutable,
      clientErrorHandler: answerUnreadable,
    });
    this.getInstance().addHook('onRoute', ({ url, method }) => {
      this.addresses.push({ pattern: patternOf(url), methods: [method].flat() });
    });
  }

  /**
   * Closes connections on which nothing is under way. Node's own way forgets those that never brought a request,
   * such as browsers open ahead of need, and waits for them.
   */
  closeIdleConnections(): void {
    this.getHttpServer().closeIdleConnections();
    for (const socket of this.sockets) if (socket.bytesRead === 0) socket.destroy();
  }

  override initHttpServer(options?: NestApplicationOptions): void {
    super.initHttpServer(options);
    this.getHttpServer().on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  override close(): Promise<void> {
    this.closeIdleConnections();
    return super.close();
  }

  /** The methods that there are at a path, sorted; empty where there is nothing. */
  methodsAt(path: string): string[] {
    const here = this.addresses.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
    return [...new Set(here)].sort();
  }

  /** Nest would also read forms, and Fastify plain text. */
  override registerParserMiddleware(): void {
    this.getInstance().removeContentTypeParser('text/plain');
    this.useBodyParser('application/json', false, { bodyLimit: this.bodyLimit }, (_request, bytes, done) => {
      done(null, readJson(bytes));
    });
  }
}

/** `/v1/orders/:id` → `^/v1/orders/[^/]+$`; a wildcard takes the rest. */
function patternOf(url: string): RegExp {
  const source = url.split('/').map((part) => {
    if (part.startsWith(':')) return '[^/]+';
    return part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${source.join('/')}$`);
}

/** The router could not read the address. No hook has run, so the input is opened here. */
function answerUnroutable(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  openStrayInput(request, reply, () => {
    const refusal = refusalOf(error);
    const state = stateOf(request);
    if (state) state.problem = refusal.error.code;
    void reply.status(refusal.status).headers(headersOf(refusal)).send(JSON.stringify(problemOf(refusal)));
  });
}

/** Node could not read the request; all there is to answer on is the socket. */
function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  runInput({}, () => {
    const refusal = unreadable(error.code);
    logger('http').info({ status: refusal.status, problem: refusal.error.code, reason: error.code }, 'Request refused: it is not HTTP.');
    socket.end(rawAnswer(refusal));
  });
}

function unreadable(code: string | undefined): Refusal {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT': return refusalOf(new RequestTimeout('The request did not arrive completely in time.'));
    case 'HPE_HEADER_OVERFLOW': return refusalOf(new HeadersTooLarge('The address and the headers together are larger than 16 KiB.'));
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW': return refusalOf(new BodyTooLarge('The chunk extensions of the body are too large.'));
    default: return refusalOf(new MalformedRequest('The request is not valid HTTP/1.1.'));
  }
}

const PHRASES: Readonly<Record<number, string>> = { 400: 'Bad Request', 408: 'Request Timeout', 413: 'Content Too Large', 431: 'Request Header Fields Too Large' };

function rawAnswer(refusal: Refusal): string {
  const body = JSON.stringify(problemOf(refusal));
  const { correlationId, traceparent } = requireInput();
  const headers = {
    ...headersOf(refusal), 'X-Correlation-ID': correlationId, traceparent, 'Content-Length': Buffer.byteLength(body), Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `HTTP/1.1 ${refusal.status} ${PHRASES[refusal.status] ?? 'Error'}\r\n${lines}\r\n${body}`;
}
