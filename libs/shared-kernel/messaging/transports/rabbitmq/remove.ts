import { connectTo } from './connect.js';
import { NAMESPACE, type RabbitMqSettings } from './settings.js';
import { Topology } from './topology.js';

/** Deletes the exchange, the stream and the queues of these contexts, with all that they hold. */
export async function removeFromBroker({ url, namespace = NAMESPACE }: RabbitMqSettings, contexts: readonly string[]): Promise<void> {
  const topology = new Topology(namespace);
  const connection = await connectTo(url, `${namespace} removing`);
  const channel = await connection.createChannel();
  for (const context of contexts) {
    for (const queue of [...topology.lanesOf(context), topology.deadQueueOf(context)]) await channel.deleteQueue(queue);
  }
  await channel.deleteQueue(topology.stream);
  await channel.deleteExchange(topology.exchange);
  await connection.close();
}
