import Fastify from 'fastify';
import { kernel, logWarningsOnly } from '../../lib/product.mjs';
import { CONTEXT, openFacade } from './facade-of.mjs';
import { openNestApp } from './nest-app.mjs';

await logWarningsOnly();
const { deadlineIn, runInput } = await kernel('runtime');

/** Milliseconds; what an app of ours gives every request. */
const DEADLINE_MS = 30_000;

/** Ours: `embedded` is an app with the facade's hook, `remote` is the facade alone, on a bare Fastify like its peer. */
export async function contend() {
  let server;
  let facade;
  return {
    async open({ route, database, upstream }) {
      facade = await openFacade({ database, ...(route === 'remote' && { upstream }) });
      server = route === 'remote' ? await openBareFacade(facade) : await openNestApp(database, facade);
      return { url: server.url };
    },
    async close() {
      await server?.close();
      await facade?.stop();
      server = undefined;
      facade = undefined;
    },
  };
}

/** The hook needs an input around it, which gives it correlation, trace and deadline to pass on. */
async function openBareFacade({ routing }) {
  const fastify = Fastify({ logger: false });
  fastify.addHook('onRequest', (_request, _reply, done) => runInput({ deadline: deadlineIn(DEADLINE_MS), context: CONTEXT }, done));
  fastify.addHook('onRequest', routing.hook);
  fastify.post('/v1/*', { config: { banyan: { context: CONTEXT } } }, async () => { throw new Error('The facade has not sent it on.'); });
  return { url: await fastify.listen({ port: 0, host: '127.0.0.1' }), close: () => fastify.close() };
}
