import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, SSE_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer, type NestApplicationContext } from '@nestjs/core';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { ErrorClass } from '../contract/index.js';
import { Database } from '../persistence/index.js';
import { accessOf, type Access } from './access.js';
import { failuresOf } from './documented.js';
import { isIdempotent } from './idempotent.js';

/** What is known of a route before any request comes. */
export interface RouteFacts {
  /** `orders.place` of `OrdersController.place`; stable, unique. */
  readonly operationId: string;
  /** The context whose controller it is, or `app`. */
  readonly context: string;
  readonly access: Access;
  readonly idempotent: boolean;
  /** Does its answer go on for as long as the client listens? */
  readonly streams: boolean;
  readonly fails: readonly ErrorClass[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    banyan?: RouteFacts;
  }
}

type Module = ModulesContainer extends Map<string, infer M> ? M : never;
export type ControllerClass = abstract new (...args: never[]) => object;

interface Handler {
  readonly controller: ControllerClass;
  readonly name: string;
  readonly run: object;
}

/**
 * Finds every route of the app and hangs its facts on it, where Fastify's hooks see them before a handler runs.
 * @throws Error naming every route that does not say who may use it
 */
export function markRoutes(app: Pick<NestApplicationContext, 'get'>): RouteFacts[] {
  const modules = [...app.get(ModulesContainer).values()];
  const found = modules.flatMap((module) => handlersOf(module).map((handler) => ({ handler, context: contextOf(module) })));
  const open = found.filter(({ handler }) => accessOf(handler.controller, handler.run) === undefined);
  if (open.length > 0) {
    const names = open.map(({ handler }) => `${handler.controller.name}.${handler.name}`).join(', ');
    throw new Error(`Nobody said who may use ${names}. Put @Public(), @SignedIn() or @Roles(…) on the method or its controller.`);
  }
  return found.map(({ handler, context }) => mark(handler, context));
}

/** The stable name of an operation in the OpenAPI document. */
export function operationIdOf(controller: string, method: string): string {
  const name = controller.replace(/Controller$/, '');
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}.${method}`;
}

/** An address, and what is known of it. */
interface Route {
  readonly method: string;
  /** As the router writes it: `/v1/orders/:id`. */
  readonly path: string;
  readonly facts: RouteFacts;
}

/** The routes of a controller that lives in another process. */
export function routesOf(controller: ControllerClass, context: string): Route[] {
  const prefix = String(Reflect.getMetadata(PATH_METADATA, controller));
  return handlersIn(controller).map((handler) => {
    const parts = `${prefix}/${String(Reflect.getMetadata(PATH_METADATA, handler.run))}`.split('/').filter((it) => it !== '');
    return { method: RequestMethod[Reflect.getMetadata(METHOD_METADATA, handler.run) as RequestMethod], path: `/${parts.join('/')}`, facts: factsOf(handler, context) };
  });
}

function factsOf({ controller, name, run }: Handler, context: string): RouteFacts {
  return {
    operationId: operationIdOf(controller.name, name),
    context,
    // Checked by the caller for all routes at once.
    access: accessOf(controller, run) ?? { is: 'roles', roles: [] },
    idempotent: isIdempotent(run),
    streams: Reflect.getMetadata(SSE_METADATA, run) === true,
    fails: [...failuresOf(controller), ...failuresOf(run)],
  };
}

function mark(handler: Handler, context: string): RouteFacts {
  const { controller, name, run } = handler;
  const facts = factsOf(handler, context);
  const owner = markedBy.get(run);
  if (owner && owner !== controller) {
    throw new Error(`${owner.name} and ${controller.name} share the handler "${name}". Give each its own method: what is declared on one would hold for both.`);
  }
  markedBy.set(run, controller);
  RouteConfig({ banyan: facts })(controller.prototype as object, name, { value: run });
  return facts;
}

const markedBy = new WeakMap<object, ControllerClass>();

function handlersOf(module: Module): Handler[] {
  return [...module.controllers.values()].flatMap(({ metatype }) => (typeof metatype === 'function' ? handlersIn(metatype as unknown as ControllerClass) : []));
}

function handlersIn(controller: ControllerClass): Handler[] {
  const prototype = controller.prototype as Record<string, object>;
  return new MetadataScanner().getAllMethodNames(prototype).flatMap((name) => {
    const run = prototype[name];
    return run && Reflect.hasMetadata(METHOD_METADATA, run) ? [{ controller, name, run }] : [];
  });
}

/** The databases of the contexts that live in this app, by context. */
export function databasesOf(app: Pick<NestApplicationContext, 'get'>): ReadonlyMap<string, Database> {
  const found = [...app.get(ModulesContainer).values()].flatMap((module) => databaseIn(module) ?? []);
  return new Map(found.map((it) => [it.context, it]));
}

function contextOf(module: Module): string {
  return databaseIn(module)?.context ?? 'app';
}

/** The Database that Nest would inject in this module: its own, or one that an imported module exports. */
function databaseIn(module: Module): Database | undefined {
  const owners = [module, ...[...module.imports].filter((it) => it.exports.has(Database))];
  for (const owner of owners) {
    const instance: unknown = owner.providers.get(Database)?.instance;
    if (instance instanceof Database) return instance;
  }
  return undefined;
}
