import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { accessOf } from './access.js';
import { admit } from './authentication.js';
import { Forbidden } from './errors.js';
import { stateOf } from './request-state.js';

/**
 * Nobody reaches a handler that its own decorators do not let in. `openInput` has asked the same question
 * before the body was read; this one asks the handler that really runs, so that a route which was added past
 * the start's check stays closed.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const access = accessOf(context.getClass(), context.getHandler());
    if (!access) throw new Forbidden('Nobody is allowed here: the route does not say who is.');
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    admit(access, stateOf(request)?.identity ?? { is: 'anonymous' });
    return true;
  }
}
