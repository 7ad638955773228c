import { HttpCode, applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';
import type { ErrorClass } from '../contract/index.js';

const FAILS = Symbol('banyan.http.fails');

/**
 * What a route answers when it went well: sets the status and documents the body. With several, the
 * topmost is the status that is sent unless the handler sets another one on its reply.
 * @param schema zod schema of the body, or null for an answer without one
 */
export function Answers(status: number, schema: z.ZodType | null, description: string): MethodDecorator {
  return applyDecorators(
    HttpCode(status),
    ApiResponse({ status, description, ...(schema ? { standardSchema: schema } : {}) }),
  );
}

/** The catalogued errors a route may answer with, beyond those that every such route has. On a method or a controller. */
export function Fails(...errors: ErrorClass[]): ClassDecorator & MethodDecorator {
  return (target: object, _key?: string | symbol, descriptor?: PropertyDescriptor) => {
    const on = (descriptor?.value as object | undefined) ?? target;
    Reflect.defineMetadata(FAILS, [...failuresOf(on), ...errors], on);
  };
}

/** The errors declared by `@Fails` on a controller or a handler. */
export function failuresOf(target: object): readonly ErrorClass[] {
  return (Reflect.getOwnMetadata(FAILS, target) as readonly ErrorClass[] | undefined) ?? [];
}
