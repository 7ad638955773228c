import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { kernel, logWarningsOnly } from '../../lib/product.mjs';
import { CONTEXT } from './facade-of.mjs';

await logWarningsOnly();
const { Public, configureHttp, httpAdapter, httpModule } = await kernel('http');
const { observabilityModule } = await kernel('observability');
const { Database, openDatabase, provisionContext } = await kernel('persistence');

const settings = { title: 'Bench', version: '1', issuer: 'bench', audience: 'bench' };

/**
 * An app of the house with one context and one route that answers with its body, for everybody. What the context would
 * do with its database is left out: the less there is to do, the more a hook before it shows.
 * @param {string} database its address @param {import('../../../libs/shared-kernel/facade/index.js').Facade} [facade]
 */
export async function openNestApp(database, facade) {
  const { url } = await provisionContext({ adminUrl: database, name: CONTEXT, migrations: [] });
  const own = await openDatabase({ context: CONTEXT, url, applicationName: `bench ${CONTEXT}` });
  const app = await NestFactory.create(moduleWith(own), httpAdapter(), { logger: ['warn', 'error'], abortOnError: false });
  await configureHttp(app);
  for (const hook of facade ? [facade.routing.hook, facade.faults.hook] : []) app.getHttpAdapter().getInstance().addHook('onRequest', hook);
  await app.listen(0, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${app.getHttpServer().address().port}`,
    close: async () => {
      await app.close();
      await own.close();
    },
  };
}

function moduleWith(database) {
  class EchoController {
    echo(body) {
      return body;
    }
  }
  // There is no syntax for decorators in this file.
  decorate(EchoController, 'echo', [Post('/v1/echo/:size'), HttpCode(200), Public()]);
  Body()(EchoController.prototype, 'echo', 0);
  Controller()(EchoController);
  class EchoModule {}
  Module({ controllers: [EchoController], providers: [{ provide: Database, useValue: database }] })(EchoModule);
  class Root {}
  Module({ imports: [observabilityModule({ service: 'bench', level: 'warn' }), httpModule(settings), EchoModule] })(Root);
  return Root;
}

function decorate(target, method, decorators) {
  for (const it of decorators) it(target.prototype, method, Object.getOwnPropertyDescriptor(target.prototype, method));
}
