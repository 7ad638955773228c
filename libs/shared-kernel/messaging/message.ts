import { createHash } from 'node:crypto';
import { BanyanError, type EventEnvelope, InvalidInput, envelopeSchema, fieldProblems } from '../contract/index.js';
import { envelopeOfCloudEvent, isCloudEvent } from './cloud-event.js';
import { isKey } from './key.js';

/** A message as an inbox stores it. */
export type ReceivedMessage =
  | { readonly is: 'event'; readonly envelope: EventEnvelope; readonly text: string }
  | { readonly is: 'unreadable'; readonly id: string; readonly key: string; readonly text: string; readonly reason: string };

export type ReceivedEvent = Extract<ReceivedMessage, { is: 'event' }>;

/** An envelope as it travels. */
export function serialise(envelope: EventEnvelope): string {
  return JSON.stringify(envelope);
}

/** Reads what arrived; never throws, for what cannot be read must be kept too. */
export function readMessage(text: string): ReceivedMessage {
  try {
    return { is: 'event', envelope: parseEnvelope(text), text };
  } catch (error) {
    return unreadable(text, error instanceof BanyanError ? error.message : 'The message is not JSON.');
  }
}

/**
 * Reads an event in either form: our own envelope, or a CloudEvent as brokers carry it.
 * @throws InvalidInput when the message is neither; SyntaxError when it is not even JSON
 */
export function parseEnvelope(text: string): EventEnvelope {
  const message: unknown = JSON.parse(text);
  const envelope = isCloudEvent(message) ? envelopeOfCloudEvent(message) : ourEnvelope(message);
  if (!isKey(envelope.aggregateId)) throw new InvalidInput('The message is not an event envelope: /aggregateId is empty or too long to be an ordering key.');
  return envelope;
}

function ourEnvelope(message: unknown): EventEnvelope {
  const parsed = envelopeSchema.safeParse(message);
  if (parsed.success) return parsed.data;
  const problems = fieldProblems(parsed.error);
  throw new InvalidInput(`The message is not an event envelope: ${problems.map((it) => `${it.path} ${it.message}`).join('; ')}`, {}, problems);
}

/** Does PostgreSQL object to what is in a statement (data exception, limit exceeded) rather than to the moment? */
export function isRefusedContent(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^(?:22|54)\w{3}$/.test(error.code);
}

/**
 * Its id comes from its bytes, so that a redelivery is known again and a later, intact message with the same event id
 * is not taken for one. If it names a key it holds that key back, as any parked event does.
 */
export function unreadable(text: string, reason: string): ReceivedMessage {
  const id = digestOf(text);
  return { is: 'unreadable', id, key: keyIn(text) ?? id, text, reason };
}

/** A message to be parked as it is; `eventId` tells which event it holds, if it can be read. */
export function parkedMessage(text: string, reason: string): { readonly message: ReceivedMessage; readonly eventId: string | undefined } {
  const read = readMessage(text);
  return { message: unreadable(text, reason), eventId: read.is === 'event' ? read.envelope.eventId : undefined };
}

/** A UUIDv8 (RFC 9562, 5.8) made of a digest. */
function digestOf(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The ordering key that holds the message in its place. */
export function keyOf(message: ReceivedMessage): string {
  return message.is === 'event' ? message.envelope.aggregateId : message.key;
}

/** The id under which an inbox knows the message, as the database writes it. */
export function idOf(message: ReceivedMessage): string {
  return message.is === 'event' ? message.envelope.eventId.toLowerCase() : message.id;
}

function keyIn(text: string): string | undefined {
  try {
    const message = JSON.parse(text) as { aggregateId?: unknown };
    const key = isCloudEvent(message) ? message.subject : message.aggregateId;
    return isKey(key) && !key.includes('\0') ? key : undefined;
  } catch {
    return undefined;
  }
}
