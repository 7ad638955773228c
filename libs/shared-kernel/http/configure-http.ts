import fastifyHelmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Lifecycle, Metrics, NestLog } from '../observability/index.js';
import { BanyanHttpAdapter } from './adapter.js';
import { Authentication } from './authentication.js';
import { answerHeaders } from './answer-headers.js';
import { serveDocumentation } from './documentation.js';
import { inspect, openInput, turnAway } from './open-input.js';
import { RequestMetrics } from './request-metrics.js';
import { databasesOf, markRoutes, type RouteFacts } from './routes.js';
import { HTTP_SETTINGS, type HttpSettings } from './settings.js';
import { witnessRequests } from './witnessed-requests.js';

const DEADLINE_MS = 30_000;

/** Nothing from elsewhere, no inline code; who serves pages that need more says so on its own answers. */
const CONTENT_SECURITY = {
  useDefaults: false,
  directives: {
    'default-src': ["'self'"], 'img-src': ["'self'", 'data:'], 'object-src': ["'none'"],
    'base-uri': ["'none'"], 'form-action': ["'self'"], 'frame-ancestors': ["'none'"],
  },
};

/**
 * Gives an app everything that its requests pass through. Once per app, after it was created with `httpAdapter()`
 * and before `init` or `listen`; its root module must import `httpModule` and `observabilityModule`.
 *
 * The order of a request: input (correlation, trace, who asks) → security headers → 401 or 403 → body → text that
 * cannot be stored → guard → deadline → idempotency → validation → handler. The adapter answers what is no request.
 * @throws Error when a route does not say who may use it, or asks for somebody signed in and nothing can verify that
 */
export async function configureHttp(app: NestFastifyApplication): Promise<void> {
  const adapter = app.getHttpAdapter();
  if (!(adapter instanceof BanyanHttpAdapter)) throw new Error('Create the app with httpAdapter(): NestFactory.create(AppModule, httpAdapter()).');
  app.useLogger(app.get(NestLog));
  const routes = markRoutes(app);
  const settings = app.get<HttpSettings>(HTTP_SETTINGS);
  const lifecycle = app.get(Lifecycle);
  adapter.setOnRequestHook(openInput(connected(app, routes), settings.deadlineMs ?? DEADLINE_MS));
  await app.register(fastifyHelmet, { contentSecurityPolicy: CONTENT_SECURITY });
  const fastify = adapter.getInstance();
  fastify.decorate('banyanRequests', new RequestMetrics(app.get(Metrics)));
  fastify.addHook('onRequest', turnAway);
  fastify.addHook('preValidation', inspect);
  const witnessing = witnessRequests(databasesOf(app));
  fastify.addHook('preHandler', witnessing.preHandler);
  fastify.addHook('onSend', answerHeaders(lifecycle));
  fastify.addHook('onSend', witnessing.onSend);
  fastify.addHook('onListen', (done) => {
    lifecycle.ready();
    done();
  });
  serveDocumentation(app, routes, settings);
}

function connected(app: NestFastifyApplication, routes: readonly RouteFacts[]): Authentication {
  const authentication = app.get(Authentication);
  const closed = routes.find(({ access }) => access.is !== 'public' && access.is !== 'monitoring');
  if (!authentication.connect() && closed) {
    throw new Error(`${closed.operationId} is for those who are signed in, but no module provides TokenKeys to verify their access tokens with.`);
  }
  return authentication;
}
