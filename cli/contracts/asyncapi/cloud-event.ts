import type { EventDefinition } from '@banyan/kernel/contract';
import type { Schema } from '../snapshot.js';

/** Media type of an event on the wire. */
export const CLOUD_EVENT = 'application/cloudevents+json';
/** The topic exchange that all events go through. */
export const EXCHANGE = 'banyan.events';

/** The name of one version of an event among the document's components. */
export function payloadName(type: string, version: number): string {
  return `${type}.v${version}`;
}

const text = { type: 'string', minLength: 1 };

/** What every event has around its data. */
export function cloudEventSchema(): Schema {
  return {
    type: 'object',
    description: 'CloudEvents 1.0, structured JSON mode. Attributes that are not named here may be added and are to be ignored.',
    required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'aggregatetype', 'eventversion', 'data'],
    properties: {
      specversion: { const: '1.0' },
      id: { type: 'string', format: 'uuid', description: 'The same for every delivery of the event: what you have handled, skip.' },
      source: { ...text, description: '`/banyan/<context>`' },
      type: text,
      subject: { ...text, maxLength: 512, description: 'The ordering key: events with the same one arrive in the order of their commits.' },
      time: { type: 'string', format: 'date-time', description: 'When it happened, in UTC.' },
      datacontenttype: { const: 'application/json' },
      aggregatetype: { ...text, description: 'What the subject is.' },
      eventversion: { type: 'integer', minimum: 1, description: 'The version of the form of `data`.' },
      correlationid: { ...text, description: 'Ties together everything that one request has led to.' },
      causationid: { ...text, description: 'The request, call or event that this one came of.' },
      traceparent: { ...text, description: 'W3C Trace Context.' },
      data: true,
    },
  };
}

/** The CloudEvent that carries one version of an event. */
export function messageSchema({ type, aggregateType }: EventDefinition, version: number): Schema {
  return {
    allOf: [
      { $ref: '#/components/schemas/CloudEvent' },
      {
        type: 'object',
        properties: {
          source: { const: `/banyan/${type.split('.')[0]}` }, type: { const: type }, aggregatetype: { const: aggregateType }, eventversion: { const: version },
          data: { $ref: `#/components/schemas/${payloadName(type, version)}` },
        },
      },
    ],
  };
}
