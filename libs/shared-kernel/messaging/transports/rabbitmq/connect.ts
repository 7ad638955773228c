import { type ChannelModel, connect } from 'amqplib';
import { BanyanError } from '../../../contract/index.js';
import { BrokerAway, BrokerCannotConfirm, BrokerRefuses } from './errors.js';
import { CONNECT_MS, HEARTBEAT_S } from './settings.js';

/** Replies of the broker by which a person has to do something: no access, no such virtual host. */
const REFUSALS = /\b(?:403|530)\b|ACCESS[-_]REFUSED|NOT[-_]ALLOWED/;

/** All that the library says when the broker has let the user in and then refuses the virtual host. */
const NO_VIRTUAL_HOST = 'Expected ConnectionOpenOk; got <ConnectionClose channel:0>';

/**
 * Opens a connection to a broker that can do what this transport needs.
 * @throws BrokerAway when nobody answers, BrokerRefuses, BrokerCannotConfirm
 */
export async function connectTo(url: string, name: string): Promise<ChannelModel> {
  const connection = await open(url, name).catch((error: unknown) => { throw explained(error); });
  // Unheard, it would end the process; that the connection is gone comes as "close".
  connection.on('error', () => undefined);
  const { capabilities } = connection.connection.serverProperties as { readonly capabilities?: unknown };
  if (!canConfirm(capabilities)) {
    await connection.close();
    throw new BrokerCannotConfirm('The broker at AMQP_URL has no publisher confirms, so nobody could say whether an event was lost. Use RabbitMQ 3.10 or later.');
  }
  return connection;
}

function open(url: string, name: string): Promise<ChannelModel> {
  const withHeartbeat = new URL(url);
  if (!withHeartbeat.searchParams.has('heartbeat')) withHeartbeat.searchParams.set('heartbeat', String(HEARTBEAT_S));
  return connect(withHeartbeat.href, { noDelay: true, timeout: CONNECT_MS, clientProperties: { connection_name: name } });
}

function canConfirm(capabilities: unknown): boolean {
  return typeof capabilities === 'object' && capabilities !== null && 'publisher_confirms' in capabilities && capabilities.publisher_confirms === true;
}

/** What went wrong with a broker, for people; the library's own words go along as the cause, for the log. */
export function explained(error: unknown): BanyanError {
  if (error instanceof BanyanError) return error;
  const explanation = isRefusal(error) ? new BrokerRefuses(refusalOf(error)) : new BrokerAway('RabbitMQ cannot be reached.');
  explanation.cause = error;
  return explanation;
}

function refusalOf(error: unknown): string {
  if (messageOf(error) === NO_VIRTUAL_HOST) return 'RabbitMQ refuses the virtual host in AMQP_URL: it does not exist, the user may not use it, or it has all the connections that it may have.';
  return `RabbitMQ refuses: ${messageOf(error)}. Correct user, password and virtual host in AMQP_URL, or give the user configure, write and read permissions.`;
}

function isRefusal(error: unknown): boolean {
  const code = replyCodeOf(error);
  return code === 403 || code === 530 || REFUSALS.test(messageOf(error)) || messageOf(error) === NO_VIRTUAL_HOST;
}

/** What the broker gave as its reason: a number of AMQP's, where Node's own errors have a text. */
export function replyCodeOf(error: unknown): number | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/** By shape and not by class: errors of Node's own modules may come from another realm. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}
