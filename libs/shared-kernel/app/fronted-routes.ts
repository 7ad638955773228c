import type { ContextDeclaration } from '../context/index.js';
import { Unavailable } from '../contract/index.js';
import { type ControllerClass, type HttpApp, routesOf } from '../http/index.js';

/**
 * Gives an app the addresses of contexts that live elsewhere, each with what is known of who may use it. Their requests are
 * sent on by the facade, before a body is read.
 */
export function frontRoutes(app: HttpApp, contexts: readonly ContextDeclaration[]): void {
  const fastify = app.getHttpAdapter().getInstance();
  for (const { name, controllers } of contexts) {
    for (const { method, path, facts } of controllers.flatMap((it) => routesOf(it as ControllerClass, name))) {
      fastify.route({ method, url: path, config: { banyan: facts }, handler: () => { throw new Unavailable(`${method} ${path} was not sent on to where ${name} lives.`); } });
    }
  }
}
