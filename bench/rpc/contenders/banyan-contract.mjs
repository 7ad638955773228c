import { kernel } from '../../lib/product.mjs';
import { answer, input, output } from '../prices.mjs';

const { defineContract, query } = await kernel('contract');
const { openDatabase, provisionContext } = await kernel('persistence');
const { Dispatcher, Handles, rpcMigrations } = await kernel('rpc');

/** The context that is asked. */
export const prices = defineContract({ name: 'prices', commands: {}, queries: { quote: query('prices.quote', { input, output }) }, events: {} });

class Quote {
  run = async (asked) => answer(asked);
}
Handles(prices.queries.quote)(Quote);

/** @param {string} adminUrl @param {string} name of the context */
export async function openContext(adminUrl, name) {
  const { url } = await provisionContext({ adminUrl, name, migrations: rpcMigrations });
  return openDatabase({ context: name, url, applicationName: `bench ${name}` });
}

/** Whatever the context has handlers for, on its database. */
export function dispatcherOf(database) {
  const dispatcher = new Dispatcher();
  dispatcher.register(database, new Quote());
  return dispatcher;
}
