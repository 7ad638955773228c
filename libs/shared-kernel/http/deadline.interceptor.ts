import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { SSE_METADATA } from '@nestjs/common/constants.js';
import { takeUntil, throwError, timeout, type Observable } from 'rxjs';
import { DeadlineExceeded } from '../contract/index.js';
import { Lifecycle } from '../observability/index.js';
import { remainingMs } from '../runtime/index.js';

/**
 * Answers with 504 when a handler takes longer than its request has time. The handler is not stopped: what it
 * does in its transaction may still be committed, so the client asks again with the same Idempotency-Key.
 * Event streams have no deadline; they end when the process drains, and their clients come back elsewhere.
 */
@Injectable()
export class DeadlineInterceptor implements NestInterceptor {
  constructor(private readonly lifecycle: Lifecycle) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (Reflect.getMetadata(SSE_METADATA, context.getHandler()) === true) {
      return next.handle().pipe(takeUntil(this.lifecycle.draining));
    }
    const left = remainingMs();
    if (left === Infinity) return next.handle();
    return next.handle().pipe(timeout({
      first: Math.max(left, 0),
      with: () => throwError(() => new DeadlineExceeded('The answer took longer than the time this request had.')),
    }));
  }
}
