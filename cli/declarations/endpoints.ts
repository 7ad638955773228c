import { type Access, accessOf, failuresOf, isIdempotent } from '@banyan/kernel/http';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';

/** One route of a controller, as its decorators say. */
export interface Endpoint {
  readonly method: string;
  readonly path: string;
  /** The name of the controller's method. */
  readonly handler: string;
  readonly who: string;
  readonly needsKey: boolean;
  readonly fails: readonly string[];
}

type Controller = abstract new (...args: never[]) => unknown;

/** The routes of controllers, by path and method. */
export function endpointsOf(controllers: readonly Controller[]): Endpoint[] {
  return controllers.flatMap(routes).sort((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1));
}

function routes(controller: Controller): Endpoint[] {
  const prototype = controller.prototype as Readonly<Record<string, object>>;
  const base = pathOf(controller);
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const run = prototype[name];
    const method = run && (Reflect.getMetadata(METHOD_METADATA, run) as RequestMethod | undefined);
    if (!run || method === undefined) return [];
    return [{
      method: RequestMethod[method], handler: name, path: `/${[base, pathOf(run)].filter(Boolean).join('/')}`.replaceAll(/:(\w+)/g, '{$1}'),
      who: who(accessOf(controller, run)), needsKey: isIdempotent(run),
      fails: [...new Set([...failuresOf(controller), ...failuresOf(run)].map(({ definition }) => definition.code))].sort(),
    }];
  });
}

function pathOf(target: object): string {
  const path = Reflect.getMetadata(PATH_METADATA, target) as string | readonly string[] | undefined;
  return [path ?? ''].flat().join('|').replaceAll(/^\/|\/$/g, '');
}

function who(access: Access | undefined): string {
  if (!access) return 'nobody';
  switch (access.is) {
    case 'public': return 'everybody';
    case 'signed-in': return 'signed in';
    case 'monitoring': return 'operator, monitoring';
    case 'roles': return access.roles.join(', ');
  }
}
