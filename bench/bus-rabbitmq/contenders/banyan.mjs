import amqplib from 'amqplib';
import { openBus as openOn } from '../../bus/contenders/banyan.mjs';
import { kernel } from '../../lib/product.mjs';

const { RabbitMqTransport } = await kernel('messaging');

/** The same two contexts and the same handler as in process; only what carries the events differs. */
export async function openBus({ amqpUrl, ...place }) {
  const namespace = place.name;
  const bus = await openOn(place, new RabbitMqTransport({ url: amqpUrl, namespace }));
  return {
    ...bus,
    close: async () => {
      await bus.close();
      await removeTopology(amqpUrl, namespace);
    },
  };
}

/** Every run has a namespace of its own; what is not there is deleted without complaint. */
async function removeTopology(amqpUrl, namespace) {
  const connection = await amqplib.connect(amqpUrl);
  const channel = await connection.createChannel();
  const lanes = Array.from({ length: 16 }, (_, lane) => `${namespace}.consumer.lane-${lane}`);
  for (const queue of [...lanes, `${namespace}.consumer.dead`]) await channel.deleteQueue(queue);
  await channel.deleteExchange(`${namespace}.events`);
  await connection.close();
}
