import { type EventTransport, RabbitMqTransport } from '@banyan/kernel/messaging';
import type { AppSettings } from './messages.js';

/** What carries the events of an app process; undefined: within the process. */
export function transportOf({ amqpUrl }: AppSettings): EventTransport | undefined {
  return amqpUrl === undefined ? undefined : new RabbitMqTransport({ url: amqpUrl, namespace: 'chaos', connectionName: `app ${process.pid}` });
}
