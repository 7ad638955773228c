import { kernel, logWarningsOnly } from '../../lib/product.mjs';
import { businessTable, businessRow, effectRow, effectTable } from '../tables.mjs';
import { openContexts } from './banyan-contexts.mjs';

await logWarningsOnly();
const { MessageBus } = await kernel('messaging');
const { runInput } = await kernel('runtime');

/** Ours, as two contexts use it: one announces in its transaction, the other has a handler. All settings are the defaults. */
export async function openBus({ url, arrived }, transport = undefined) {
  const { producer, consumer, placed, contracts } = await openContexts(url, { producer: [businessTable], consumer: [effectTable] });
  const bus = new MessageBus({}, transport);
  const { events } = bus.join({ database: producer, contract: contracts.producer });
  const { subscribe } = bus.join({ database: consumer, contract: contracts.consumer });
  subscribe([{
    definition: placed,
    run: async (event) => {
      const { text, values } = effectRow(event);
      await consumer.query(text, values);
      consumer.afterCommit(() => arrived(event.id));
    },
  }]);
  return {
    businessTable: 'producer.business',
    effectTable: 'consumer.effect',
    produce: (event) => runInput({ context: 'producer' }, () => producer.transaction(async () => {
      const { text, values } = businessRow(event);
      await producer.query(text, values);
      events.announce(placed(event));
    })),
    consume: () => bus.start(),
    close: async () => {
      await bus.stop();
      await Promise.all([producer.close(), consumer.close()]);
    },
  };
}
