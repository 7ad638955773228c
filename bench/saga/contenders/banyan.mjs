import { z } from 'zod';
import { kernel, logWarningsOnly } from '../../lib/product.mjs';

await logWarningsOnly();
const { openDatabase, provisionContext } = await kernel('persistence');
const { Dispatcher } = await kernel('rpc');
const { runInput } = await kernel('runtime');
const { defineSaga, local, SagaExecutor, sagaMigrations, Sagas } = await kernel('saga');

/** The owner's connections; the executor takes 16 sagas on at once by default. */
const POOL = 24;
const effectTable = 'CREATE TABLE effect (saga_id bigint NOT NULL, step integer NOT NULL)';

/** Three local steps: each is one transaction, with its row and the saga's checkpoint. No key keeps a row from being written twice; the engine does. */
export async function openEngine({ url, wroteLast }) {
  const owner = await openOwner(url, [...sagaMigrations, { name: 'bench-0001', sql: effectTable }]);
  const write = (step) => class {
    async run({ id }) {
      await owner.query('INSERT INTO effect (saga_id, step) VALUES ($1, $2)', [id, step]);
      if (step === 3) owner.afterCommit(() => wroteLast(id));
    }
  };
  const [First, Second, Third] = [write(1), write(2), write(3)];
  const definition = defineSaga('bench', 1, z.strictObject({ id: z.int() }), { steps: [local('first', First), local('second', Second), local('third', Third)] });
  const handlers = new Map([First, Second, Third].map((it) => [it, new it()]));
  return startEngine(owner, definition, {
    effects: 'SELECT saga_id, step FROM owner.effect', transport: new Dispatcher(), resolve: (handlerClass) => handlers.get(handlerClass), close: async () => undefined,
  });
}

export async function openOwner(adminUrl, migrations) {
  const { url } = await provisionContext({ adminUrl, name: 'owner', migrations });
  return openDatabase({ context: 'owner', url, poolSize: POOL, applicationName: 'bench owner' });
}

/** Runs the sagas of one definition, with default settings. */
export function startEngine(owner, definition, { effects, transport, resolve, close }) {
  const sagas = new Sagas(owner);
  const executor = new SagaExecutor({ database: owner, sagas, definitions: [definition], transport, resolve });
  executor.start();
  return {
    effects,
    query: async (sql) => ({ rows: await owner.query(sql) }),
    unfinished: 'SELECT count(*) FROM owner.saga WHERE ended_at IS NULL',
    start: (id) => runInput({ context: 'owner' }, () => owner.transaction(async () => {
      await sagas.start(definition, String(id), { id });
    })),
    close: async () => {
      await executor.stop();
      await owner.close();
      await close();
    },
  };
}
