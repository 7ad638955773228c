import rascal from 'rascal';
import { businessTable, effectRowOnce, effectTable } from '../../bus/tables.mjs';
import { openOutbox } from '../../lib/outbox.mjs';
import { openPool } from '../../lib/pool.mjs';
import { quorumQueue } from '../queue.mjs';

const HANDLERS = 16;
const PREFETCH = 100;

/**
 * rascal: publications on confirm channels, a subscription that acknowledges when the effect is committed. It has no
 * outbox, so the one written by hand feeds it, 500 messages at a time.
 */
export async function openBus({ url, name, amqpUrl, arrived }) {
  const broker = await rascal.BrokerAsPromised.create(configFor(name, amqpUrl));
  broker.on('error', (error) => process.stderr.write(`rascal: ${error.message}\n`));
  const pool = openPool(url, HANDLERS);
  const outbox = await openOutbox(url, [businessTable, effectTable], async (rows) => {
    await Promise.all(rows.map(({ payload }) => publish(broker, payload)));
  });
  return {
    businessTable: 'business',
    effectTable: 'effect',
    produce: outbox.produce,
    consume: async () => {
      const subscription = await broker.subscribe('effects', { prefetch: PREFETCH });
      subscription.on('error', (error) => process.stderr.write(`rascal: ${error.message}\n`));
      subscription.on('message', async (_message, event, ackOrNack) => {
        await pool.query(effectRowOnce(event));
        ackOrNack();
        arrived(event.id);
      });
      outbox.start();
    },
    close: async () => {
      await outbox.close();
      await broker.unsubscribeAll();
      await broker.shutdown();
      await pool.end();
    },
  };
}

/** Resolves when the broker has confirmed it. */
async function publish(broker, payload) {
  const publication = await broker.publish('events', payload, { options: { contentType: 'application/json', persistent: true } });
  await new Promise((resolve, reject) => {
    publication.once('success', resolve).once('error', reject).once('return', () => reject(new Error('It was returned.')));
  });
}

function configFor(queue, amqpUrl) {
  return {
    vhosts: {
      bench: {
        connection: { url: amqpUrl, socketOptions: { noDelay: true } },
        queues: { [queue]: { options: quorumQueue } },
        publicationChannelPools: { confirmPool: { max: 10, min: 1 } },
        publications: { events: { queue, confirm: true } },
        subscriptions: { effects: { queue, contentType: 'application/json' } },
      },
    },
  };
}
