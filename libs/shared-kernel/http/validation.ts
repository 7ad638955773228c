import { Injectable, StandardSchemaValidationPipe, type ArgumentMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { from, mergeMap, catchError, throwError, type Observable } from 'rxjs';
import { z } from 'zod';
import { InvalidInput, fieldProblems, type BanyanError, type FieldProblem } from '../contract/index.js';
import { MAX_PROBLEMS } from './strange-input.js';

/** One part of a request did not fit its schema; `AllProblems` looks at the others before it is answered. */
class DoesNotFit extends Error {}

/** Nest's pipe for `@Body({ schema })` and its like. */
@Injectable()
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: () => new DoesNotFit('A part of the request does not fit its schema.') });
  }

  /** Our JSON bodies were searched for such keys already, and refused. */
  protected override stripProtoKeys(): void {}
}

/**
 * Nest's pipes stop at the first part of a request that is wrong. On that path, and only on it, all parts are
 * checked again, so that the answer names every wrong field: of the body as `/lines/0/sku`, of the query as
 * `?limit`, of the path as `{sku}`, a header as its name.
 */
@Injectable()
export class AllProblems implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError((error: unknown) => {
        if (!(error instanceof DoesNotFit)) return throwError(() => error);
        const request = context.switchToHttp().getRequest<FastifyRequest>();
        const problems = problemsOf(context.getClass(), context.getHandler().name, request);
        return from(problems).pipe(mergeMap((found) => throwError(() => invalid(found))));
      }),
    );
  }
}

interface Argument {
  readonly schema?: NonNullable<ArgumentMetadata['schema']>;
}

async function problemsOf(controller: object, handler: string, request: FastifyRequest): Promise<FieldProblem[]> {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<string, Argument>;
  const found = await Promise.all(Object.entries(args).map(async ([key, { schema }]) => {
    const part = partOf(Number.parseInt(key, 10), request);
    if (!schema || !part) return [];
    const result = await schema['~standard'].validate(part.value);
    return result.issues ? fieldProblems(new z.ZodError(result.issues as z.core.$ZodIssue[])).map(part.place) : [];
  }));
  return found.flat();
}

interface Part {
  readonly value: unknown;
  readonly place: (problem: FieldProblem) => FieldProblem;
}

function partOf(type: number, request: FastifyRequest): Part | undefined {
  switch (type) {
    case RouteParamtypes.BODY: return { value: request.body, place: (problem) => problem };
    case RouteParamtypes.QUERY: return { value: request.query, place: ({ path, message }) => ({ path: `?${path.slice(1)}`, message }) };
    case RouteParamtypes.PARAM: return { value: request.params, place: ({ path, message }) => ({ path: `{${path.slice(1)}}`, message }) };
    case RouteParamtypes.HEADERS: return { value: request.headers, place: ({ path, message }) => ({ path: path.slice(1), message }) };
    default: return undefined;
  }
}

function invalid(problems: readonly FieldProblem[]): BanyanError {
  const listed = problems.slice(0, MAX_PROBLEMS);
  const fields = [...new Set(listed.map(({ path }) => path || 'the body'))].slice(0, 10).join(', ');
  const more = problems.length - listed.length;
  return new InvalidInput(
    `The request does not have the documented form: see ${fields}${more > 0 ? `, and ${more} more problems` : ''}.`, {}, listed,
  );
}
