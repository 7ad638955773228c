import type { ChannelWrapper } from 'amqp-connection-manager';
import { logger } from '../../observability/index.js';

const log = logger('rpc');

/**
 * Lets a process outlive what goes wrong while a channel is made: a connection that is lost just then, or closed by a
 * stop. The library tells it by an event that ends the process when nobody listens, and makes the channel again with
 * the next connection.
 */
export function outlive(channel: ChannelWrapper): void {
  channel.on('error', (error: unknown) => { log.debug({ err: error }, 'A channel could not be made; it is made again with the next connection.'); });
}
