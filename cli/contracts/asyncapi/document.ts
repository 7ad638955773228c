import type { ContextDeclaration } from '@banyan/kernel/context';
import type { EventDefinition } from '@banyan/kernel/contract';
import { type Schema, type Snapshot, snapshotOf } from '../snapshot.js';
import { CLOUD_EVENT, EXCHANGE, cloudEventSchema, messageSchema, payloadName } from './cloud-event.js';
import { examplesOf } from '../diff/examples.js';
import { placed } from './placed.js';

type Json = Readonly<Record<string, unknown>>;

/** An event, with every version of it that may be about. */
interface Channel {
  readonly owner: ContextDeclaration;
  readonly definition: EventDefinition;
  /** By version, oldest first. */
  readonly payloads: readonly (readonly [version: number, schema: Schema])[];
  readonly listeners: readonly ContextDeclaration[];
}

/**
 * The AsyncAPI 3.1 document of all events of the house: what is announced, in which versions, how it looks on the wire,
 * who announces it and who listens.
 * @param released the last releases, for older versions of which messages may still be about
 */
export function asyncApiDocument(declarations: readonly ContextDeclaration[], released: readonly Snapshot[]): Json {
  const channels = declarations.flatMap((owner) => Object.values(owner.contract.events).map((definition): Channel => ({
    owner, definition, payloads: versionsOf(owner, definition, released), listeners: declarations.filter(({ listensTo }) => listensTo.some(({ type }) => type === definition.type)),
  })));
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Banyan shop events',
      version: '1.0.0',
      description: `Every event is a CloudEvent 1.0 in structured JSON mode. Events with the same \`subject\` arrive in the order of their commits; the same \`id\` may arrive more than once and means the same event. A service of yours binds its own queue to the exchange \`${EXCHANGE}\`, for example with \`ordering.#\`.`,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      tags: declarations.map(({ name, owner }) => ({ name, description: `The context "${name}", of ${owner}.` })),
    },
    defaultContentType: CLOUD_EVENT,
    servers: { broker: { host: '{host}', protocol: 'amqp', protocolVersion: '0.9.1', description: 'RabbitMQ, with EVENT_BUS=rabbitmq. In one process the same events need no broker.', variables: { host: { default: '127.0.0.1:5672', description: 'AMQP_URL' } } } },
    channels: Object.fromEntries(channels.map((it) => [it.definition.type, channel(it)])),
    operations: Object.fromEntries(channels.flatMap(operations)),
    components: {
      messages: Object.fromEntries(channels.flatMap(messages)),
      schemas: { CloudEvent: cloudEventSchema(), ...Object.fromEntries(channels.flatMap(payloads)) },
    },
  };
}

function versionsOf({ contract }: ContextDeclaration, { type }: EventDefinition, released: readonly Snapshot[]): Channel['payloads'] {
  const known = { ...released.find((it) => it.contract === contract.name)?.events[type]?.payloads, ...snapshotOf(contract).events[type]?.payloads };
  return Object.entries(known).map(([version, schema]) => [Number(version), schema] as const).sort(([a], [b]) => a - b);
}

function channel({ owner, definition: { type, aggregateType }, payloads: versions }: Channel): Json {
  return {
    address: `${type}.{lane}`,
    parameters: { lane: { description: 'A number made from the subject. Bind with `#` in its place to get all.' } },
    title: type.slice(type.indexOf('.') + 1).replaceAll('-', ' '),
    description: `Announced by ${owner.name}, in order per ${aggregateType}.`,
    messages: Object.fromEntries(versions.map(([version]) => [`v${version}`, { $ref: `#/components/messages/${payloadName(type, version)}` }])),
    bindings: { amqp: { is: 'routingKey', exchange: { name: EXCHANGE, type: 'topic', durable: true, autoDelete: false }, bindingVersion: '0.3.0' } },
    tags: [{ name: owner.name }],
  };
}

function operations({ owner, definition, payloads: versions, listeners }: Channel): [string, Json][] {
  const { type, version } = definition;
  const on = { channel: { $ref: `#/channels/${type}` } };
  const message = (which: number): Json => ({ $ref: `#/channels/${type}/messages/v${which}` });
  const send: Json = { action: 'send', ...on, summary: `${owner.name} announces ${type}.`, tags: [{ name: owner.name }], messages: [message(version)], bindings: { amqp: { deliveryMode: 2, mandatory: true, bindingVersion: '0.3.0' } } };
  return [
    [`${owner.name}.sends.${type}`, send],
    ...listeners.map(({ name }): [string, Json] => [`${name}.receives.${type}`, {
      action: 'receive', ...on, summary: `${name} hears ${type}.`, tags: [{ name }], messages: versions.map(([which]) => message(which)), bindings: { amqp: { ack: true, bindingVersion: '0.3.0' } },
    }]),
  ];
}

function messages({ owner, definition, payloads: versions }: Channel): [string, Json][] {
  const { type, version: current } = definition;
  return versions.map(([version, schema]) => [payloadName(type, version), {
    name: type,
    title: `${type} v${version}`,
    summary: version === current ? `As ${owner.name} announces it.` : `An older version, which is not announced any more; listeners are given version ${current}, made from it.`,
    contentType: CLOUD_EVENT,
    bindings: { amqp: { messageType: type, bindingVersion: '0.3.0' } },
    correlationId: { description: 'Ties together everything that one request has led to.', location: '$message.payload#/correlationid' },
    payload: messageSchema(definition, version),
    examples: examplesOf(schema).slice(0, 1).map((data) => ({ name: 'data', summary: 'What stands in "data", made up.', payload: exampleOf(definition, version, data) })),
    tags: [{ name: owner.name }],
  }]);
}

function exampleOf({ type, aggregateType, aggregateId }: EventDefinition, eventversion: number, data: unknown): Json {
  return {
    specversion: '1.0', id: '01890000-0000-7000-8000-000000000001', source: `/banyan/${type.split('.')[0]}`, type, subject: subjectOf(aggregateId, data), time: '2026-01-31T10:00:00.000Z',
    datacontenttype: 'application/json', aggregatetype: aggregateType, eventversion, correlationid: '01890000-0000-7000-8000-000000000002', data,
  };
}

/** An older version may have had another form. */
function subjectOf(aggregateId: EventDefinition['aggregateId'], data: unknown): string {
  try {
    return String(aggregateId(data));
  } catch {
    return '01890000-0000-7000-8000-000000000003';
  }
}

function payloads({ definition: { type }, payloads: versions }: Channel): [string, unknown][] {
  return versions.map(([version, schema]) => [payloadName(type, version), placed(schema, payloadName(type, version))]);
}
