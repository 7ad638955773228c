import { openBus as openOn } from '../../bus/contenders/banyan.mjs';
import { kernel } from '../../lib/product.mjs';

const { RabbitMqTransport } = await kernel('messaging');

/** The same two contexts and the same handler as in process; only what carries the events differs. */
export const openBus = ({ amqpUrl, name, ...place }) => openOn(place, new RabbitMqTransport({ url: amqpUrl, namespace: name }));
