import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type MessageInterface, Parser } from '@asyncapi/parser';
import type { EventDefinition, EventEnvelope } from '@banyan/kernel/contract';
import { RabbitMqTransport } from '@banyan/kernel/messaging';
import { type TestBroker, eventually, testBroker } from '@banyan/kernel/testing';
import { type ChannelModel, type ConsumeMessage, connect } from 'amqplib';
import { z } from 'zod';
import { declarationsOf, openHouse } from '../../house/index.js';
import { examplesOf } from '../diff/examples.js';
import { readersSchema } from '../snapshot.js';
import { asyncApiDocument } from './document.js';

/** An envelope of the event, with made-up data of its current version. */
function envelopeOf({ type, version, aggregateType, aggregateId }: EventDefinition, payload: unknown): EventEnvelope {
  return {
    eventId: randomUUID(), eventType: type, eventVersion: version, occurredAt: new Date().toISOString(), aggregateType, aggregateId: aggregateId(payload),
    correlationId: randomUUID(), causationId: randomUUID(), traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', payload,
  };
}

describe('what a service elsewhere receives from RabbitMQ', () => {
  let broker: TestBroker;
  let connection: ChannelModel;
  let transport: RabbitMqTransport;
  const received: ConsumeMessage[] = [];

  beforeAll(async () => {
    broker = await testBroker();
    transport = new RabbitMqTransport({ url: broker.url, namespace: broker.namespace });
    await transport.start([]);
    connection = await connect(broker.url);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    await channel.bindQueue(queue, `${broker.namespace}.events`, '#');
    await channel.consume(queue, (message) => { if (message) received.push(message); }, { noAck: true });
  });
  afterAll(async () => {
    await transport.stop();
    await connection.close();
    await broker.drop([]);
  });

  it('is, for every event of this house, as the AsyncAPI document says', async () => {
    const declarations = declarationsOf(await openHouse());
    const events = declarations.flatMap(({ contract }) => Object.values(contract.events));
    const envelopes = events.map((it) => {
      const [example] = examplesOf(readersSchema(it.payload));
      expect({ type: it.type, example }).not.toEqual({ type: it.type, example: undefined });
      return envelopeOf(it, example);
    });
    await transport.deliver(envelopes);
    await eventually(() => expect(received).toHaveLength(events.length));

    const { document } = await new Parser().parse(JSON.stringify(asyncApiDocument(declarations, [])));
    const described = new Map(document?.channels().all().flatMap((channel) => channel.messages().all().map((message) => [message.title(), { message, address: channel.address() }] as const)));
    for (const { content, fields, properties } of received) {
      const body: unknown = JSON.parse(content.toString());
      const { type, eventversion } = z.looseObject({ type: z.string(), eventversion: z.int() }).parse(body);
      const found = described.get(`${type} v${eventversion}`);
      expect({ type, routingKey: fields.routingKey, isDescribed: found !== undefined }).toEqual({ type, routingKey: expect.stringMatching(keyPattern(found?.address)), isDescribed: true });
      expect({ type, contentType: properties.contentType, messageType: properties.type }).toEqual({ type, contentType: found?.message.contentType(), messageType: type });
      expect({ type, problems: problemsOf(found?.message, body) }).toEqual({ type, problems: [] });
      expect(problemsOf(found?.message, { ...Object(body), eventversion: 99 })).not.toEqual([]);
    }
  });
});

/** `ordering.order-placed.{lane}`: a parameter is a number. */
function keyPattern(address: string | null | undefined): RegExp {
  return new RegExp(`^${(address ?? 'nowhere').replaceAll('.', String.raw`\.`).replace('{lane}', String.raw`\d+`)}$`);
}

function problemsOf(message: MessageInterface | undefined, body: unknown): readonly unknown[] {
  const schema = message?.payload()?.json();
  if (typeof schema !== 'object') return ['It has no schema.'];
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(body).error?.issues ?? [];
}
