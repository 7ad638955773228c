import { SwaggerModule } from '@nestjs/swagger';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { NotFound, allErrors, type ErrorDefinition } from '../contract/index.js';
import { describe } from './openapi.js';
import { titleOf } from './problem.js';
import type { RouteFacts } from './routes.js';
import type { HttpSettings } from './settings.js';

/** Serves `/openapi.json`, its page at `/docs` (assets from this process), and what every problem means at `/problems/<code>`. */
export function serveDocumentation(app: NestFastifyApplication, routes: readonly RouteFacts[], settings: HttpSettings): void {
  const document = once(() => describe(app, settings, routes));
  const json = once(() => JSON.stringify(document()));
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/openapi.json', (_request, reply) => reply.type('application/json; charset=utf-8').send(json()));
  fastify.get('/problems', (_request, reply) => reply.send({ data: allErrors().map(({ definition }) => explained(definition)) }));
  fastify.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    const known = allErrors().find(({ definition }) => definition.code === request.params.code);
    if (!known) throw new NotFound('There is no problem of this code.');
    return reply.send(explained(known.definition));
  });
  SwaggerModule.setup('docs', app, document, {
    raw: false, customSiteTitle: settings.title, swaggerOptions: { persistAuthorization: true, docExpansion: 'list', validatorUrl: null },
  });
}

function explained({ code, http, retryable, help }: ErrorDefinition) {
  return { type: `/problems/${code}`, code, title: titleOf(code), status: http, retryable, help };
}

/** The routes are known only when the app has started, so the document is made when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
