import { isUtf8 } from 'node:buffer';
import type { ConsumeMessage } from 'amqplib';
import type { Undeliverable } from '../../transport.js';
import { isMarker } from './markers.js';

/** A message as an intake sees it. */
export type Delivery = { readonly message: ConsumeMessage } & (
  | { readonly is: 'event'; readonly text: string; readonly wasBegun: boolean }
  | { readonly is: 'undeliverable'; readonly parked: Undeliverable }
  | { readonly is: 'marker' }
  | { readonly is: 'foreign' }
);

/** Reads what came out of a lane. */
export function fromLane(message: ConsumeMessage): Delivery {
  if (isMarker(message)) return { is: 'marker', message };
  if (!isUtf8(message.content)) return { is: 'undeliverable', message, parked: unreadableBytes(message) };
  // What RabbitMQ delivers again, somebody may have begun to handle.
  return { is: 'event', message, text: message.content.toString(), wasBegun: message.fields.redelivered };
}

/** Reads what came out of a dead queue, where RabbitMQ puts what a lane could not deliver. */
export function fromDeadQueue(message: ConsumeMessage): Delivery {
  if (isMarker(message)) return { is: 'marker', message };
  if (!isUtf8(message.content)) return { is: 'undeliverable', message, parked: unreadableBytes(message) };
  return { is: 'undeliverable', message, parked: { text: message.content.toString(), reason: causeOfDeath(message) } };
}

function unreadableBytes({ content }: ConsumeMessage): Undeliverable {
  return { text: content.toString('base64'), reason: 'The message is not UTF-8 text; its bytes are kept here in base64.' };
}

function causeOfDeath({ properties: { headers } }: ConsumeMessage): string {
  const cause: unknown = headers?.['x-first-death-reason'];
  switch (cause) {
    case 'delivery_limit':
      return 'RabbitMQ delivered the message as often as the queue allows, and each time the process or its connection ended before it was stored. It may be what ends them. Look at it before you redrive.';
    case 'expired': return 'The message expired in RabbitMQ: a policy gives the queue a time to live. Remove that policy, then redrive.';
    case 'maxlen': return 'The queue in RabbitMQ was full: a policy limits its length. Remove that policy, then redrive.';
    case 'rejected': return 'Another consumer of the queue in RabbitMQ rejected the message.';
    default: return 'The message was found in the queue for what RabbitMQ could not deliver.';
  }
}
