import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Database } from '../persistence/index.js';
import { currentInput } from '../runtime/index.js';
import { IdempotencyKeyReused, RequestInProgress } from './errors.js';
import { idempotencyKeyOf } from './idempotency-key.js';
import { storeAnswer, takeKey, type KeyOwner, type StoredAnswer } from './idempotency-store.js';
import { requestHash } from './request-hash.js';

/** What is replayed besides status and body. */
const REPLAYED_HEADERS = ['location', 'etag'];
/** Owner of the keys of requests that nobody signed: they share one space, as far as their bodies agree. */
const ANONYMOUS = 'anonymous';

interface Job {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly next: CallHandler;
  readonly owner: KeyOwner;
  readonly hash: string;
}

type Outcome = { readonly answer: StoredAnswer; readonly replayed: boolean };

/** Another transaction answered the key in the moment between our look and our lock. */
class LostRace extends Error {}

/**
 * Runs a handler at most once per key. Effect and stored answer are one commit of the context's own Database
 * (Nest injects the one of the controller's module), so a crash at any point leaves both or neither, and a retry
 * finds out which. The lock and what fences it: see `takeKey`.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(private readonly database: Database) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    return from(this.serve(http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>(), next));
  }

  private async serve(request: FastifyRequest, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    const owner: KeyOwner = { principalId: currentInput()?.principal?.id ?? ANONYMOUS, key: idempotencyKeyOf(request) };
    const hash = await requestHash(request, owner);
    return deliver(reply, await this.once({ request, reply, next, owner, hash }));
  }

  private async once(job: Job): Promise<Outcome> {
    try {
      return await this.database.transaction(() => this.attempt(job));
    } catch (error) {
      // Rolled back; now the other's answer is visible.
      if (error instanceof LostRace) return this.database.transaction(() => this.attempt(job));
      throw error;
    }
  }

  private async attempt(job: Job): Promise<Outcome> {
    const state = await takeKey(this.database, job.owner);
    switch (state.is) {
      case 'running':
        throw new RequestInProgress('A request with this Idempotency-Key is still running.');
      case 'answered':
        if (state.requestHash !== job.hash) throw new IdempotencyKeyReused('This Idempotency-Key was used before, for another request.');
        return { answer: state.answer, replayed: true };
      case 'free':
        return { answer: await this.run(job), replayed: false };
    }
  }

  private async run({ request, reply, next, owner, hash }: Job): Promise<StoredAnswer> {
    const value: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
    const answer = answerOf(reply, value);
    const route = `${request.method} ${request.routeOptions.url ?? ''}`;
    if (!await storeAnswer(this.database, owner, { route, hash }, answer)) throw new LostRace();
    return answer;
  }
}

/** Taken while the handler's status and headers stand on the reply, which is not sent before the commit. */
function answerOf(reply: FastifyReply, value: unknown): StoredAnswer {
  const headers = REPLAYED_HEADERS.flatMap((name) => {
    const header = reply.getHeader(name);
    return header === undefined ? [] : [[name, String(header)]];
  });
  return { status: reply.statusCode, headers: Object.fromEntries(headers) as Record<string, string>, body: JSON.stringify(value ?? undefined) ?? null };
}

/** First answer and replay go the same way, so that they cannot differ. */
function deliver(reply: FastifyReply, { answer, replayed }: Outcome): string | undefined {
  for (const name of REPLAYED_HEADERS) reply.removeHeader(name);
  reply.status(answer.status).headers({ ...answer.headers });
  if (replayed) reply.header('Idempotent-Replayed', 'true');
  if (answer.body === null) return undefined;
  reply.header('Content-Type', 'application/json; charset=utf-8');
  return answer.body;
}
