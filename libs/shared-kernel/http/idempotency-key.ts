import { type ExecutionContext, createParamDecorator } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { IdempotencyKeyMissing } from './errors.js';

/** @throws IdempotencyKeyMissing when the request has none, or one that cannot be stored */
export function idempotencyKeyOf(request: FastifyRequest): string {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new IdempotencyKeyMissing(key === undefined || key === '' ? 'The request has no Idempotency-Key header.' : 'The Idempotency-Key is not 1 to 255 printable ASCII characters.');
  }
  return key;
}

/** The Idempotency-Key of the request, for the handler of a route with `@IdempotentByItself()`. */
export const IdempotencyKey = createParamDecorator((_given: unknown, context: ExecutionContext) =>
  idempotencyKeyOf(context.switchToHttp().getRequest<FastifyRequest>()));
