import { NestFactory } from '@nestjs/core';
import { kernel, logWarningsOnly } from '../../lib/product.mjs';
import { beCallee } from '../callee-process.mjs';
import { dispatcherOf, openContext, prices } from './banyan-contract.mjs';

await logWarningsOnly();
const { Facade } = await kernel('facade');
const { CallsServer } = await kernel('rpc');

// The app that `prices` was lifted into, as far as calls go: on the list of instances, behind the queue of its calls.
await beCallee(async ({ url, amqpUrl, name: namespace }) => {
  const broker = { url: amqpUrl, namespace };
  const facade = await Facade.open({ databaseUrl: url, app: prices.name, contexts: [prices.name], fronts: [], upstreams: [], broker, obeysFaultHeader: false });
  const database = await openContext(url, prices.name);
  class App {}
  const strategy = new CallsServer({ ...broker, app: facade.app, here: facade.faults.around(dispatcherOf(database)), identity: facade.identity });
  const server = await NestFactory.createMicroservice({ module: App }, { strategy, logger: ['warn', 'error'] });
  await server.listen();
  await facade.announce('http://127.0.0.1:1');
  return async () => {
    await facade.withdraw();
    await server.close();
    await database.close();
    await facade.stop();
  };
});
