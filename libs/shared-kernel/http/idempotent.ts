import { SetMetadata, UseInterceptors, applyDecorators } from '@nestjs/common';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

const IDEMPOTENT = Symbol('banyan.http.idempotent');

/**
 * A write that clients may send again: it requires an Idempotency-Key (1 to 255 printable ASCII characters).
 * The handler runs inside ONE transaction of its context's Database, together with the stored answer:
 * sent again, the answer is replayed with `Idempotent-Replayed: true`; while it still runs, 409; with another
 * body, 422. An error that the handler throws rolls all of it back and is not stored.
 */
export const Idempotent = (): MethodDecorator =>
  applyDecorators(SetMetadata(IDEMPOTENT, true), UseInterceptors(IdempotencyInterceptor));

/**
 * A write that clients may send again, and that remembers by itself what it did under a key, for example because it
 * writes to several schemas. It requires an Idempotency-Key, which its handler takes with `@IdempotencyKey()`.
 */
export const IdempotentByItself = (): MethodDecorator => SetMetadata(IDEMPOTENT, true);

/** Whether a handler requires an Idempotency-Key. */
export function isIdempotent(handler: object): boolean {
  return Reflect.getMetadata(IDEMPOTENT, handler) === true;
}
