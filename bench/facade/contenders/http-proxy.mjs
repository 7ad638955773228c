import httpProxy from '@fastify/http-proxy';
import Fastify from 'fastify';

/** As its documentation sets it up: undici with 128 connections, nothing logged. */
export async function contend() {
  let fastify;
  return {
    async open({ upstream }) {
      fastify = Fastify({ logger: false, bodyLimit: 2_000_000 });
      await fastify.register(httpProxy, { upstream, disableRequestLogging: true });
      return { url: await fastify.listen({ port: 0, host: '127.0.0.1' }) };
    },
    async close() {
      await fastify?.close();
      fastify = undefined;
    },
  };
}
