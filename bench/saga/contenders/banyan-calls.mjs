import { z } from 'zod';
import { kernel } from '../../lib/product.mjs';
import { openOwner, startEngine } from './banyan.mjs';

const { command, defineContract } = await kernel('contract');
const { openDatabase, provisionContext } = await kernel('persistence');
const { Dispatcher, Handles, rpcMigrations } = await kernel('rpc');
const { call, defineSaga, sagaMigrations } = await kernel('saga');

const effectTable = { name: 'bench-0001', sql: 'CREATE TABLE effect (saga_id bigint NOT NULL, step integer NOT NULL)' };
const input = z.strictObject({ id: z.int(), step: z.int() });
const contractOf = (name) => defineContract({ name, commands: { write: command(`${name}.write`, { input, output: z.strictObject({}) }) }, queries: {}, events: {} });
const left = contractOf('left');
const right = contractOf('right');

const step = (name, context, number) => call(name, context.commands.write, { input: ({ id }) => ({ id, step: number }) });
const definition = defineSaga('bench', 1, z.strictObject({ id: z.int() }), {
  steps: [step('first', left, 1), step('second', right, 2), step('third', left, 3)],
});

/**
 * Three commands to two contexts with schemas of their own: each writes its row in the callee's transaction, together
 * with the entry in its command log, and then the owner writes its checkpoint.
 */
export async function openEngine({ url, wroteLast }) {
  const dispatcher = new Dispatcher();
  const owner = await openOwner(url, sagaMigrations);
  const callees = [await openCallee(url, left, dispatcher, wroteLast), await openCallee(url, right, dispatcher, wroteLast)];
  return startEngine(owner, definition, {
    effects: 'SELECT saga_id, step FROM "left".effect UNION ALL SELECT saga_id, step FROM "right".effect',
    transport: dispatcher,
    resolve: () => { throw new Error('There are no local steps.'); },
    close: async () => { await Promise.all(callees.map((it) => it.close())); },
  });
}

async function openCallee(adminUrl, contract, dispatcher, wroteLast) {
  const { name } = contract;
  const { url } = await provisionContext({ adminUrl, name, migrations: [...rpcMigrations, effectTable] });
  const database = await openDatabase({ context: name, url, applicationName: `bench ${name}` });
  class Write {
    async run({ id, step: number }) {
      await database.query('INSERT INTO effect (saga_id, step) VALUES ($1, $2)', [id, number]);
      if (number === 3) database.afterCommit(() => wroteLast(id));
      return {};
    }
  }
  Handles(contract.commands.write)(Write);
  dispatcher.register(database, new Write());
  return database;
}
