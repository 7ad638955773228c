import { z } from 'zod';
import { type EventEnvelope, InvalidInput, fieldProblems } from '../contract/index.js';

/**
 * An event as other systems see it: CloudEvents 1.0 in structured JSON mode, with what an envelope has beyond that as
 * extension attributes. What others add is left alone.
 */
const cloudEventSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.string().regex(/^application\/(?:[\w.-]+\+)?json\b/i, 'must be JSON').default('application/json'),
  data: z.unknown(),
  data_base64: z.undefined({ error: 'is not supported: put JSON into "data"' }).optional(),
  aggregatetype: z.string(),
  eventversion: z.int().positive(),
  correlationid: z.string().default(''),
  causationid: z.string().default(''),
  traceparent: z.string().default(''),
});

/** Media type of what `cloudEvent` makes. */
export const CLOUD_EVENT = 'application/cloudevents+json';

/** Writes an event as a CloudEvent. An attribute without a value is left out: CloudEvents knows no empty ones. */
export function cloudEvent(envelope: EventEnvelope): string {
  const { eventId, eventType, eventVersion, occurredAt, aggregateType, aggregateId, correlationId, causationId, traceparent, payload } = envelope;
  return JSON.stringify({
    specversion: '1.0',
    id: eventId,
    source: `/banyan/${eventType.split('.')[0]}`,
    type: eventType,
    subject: aggregateId,
    time: occurredAt,
    datacontenttype: 'application/json',
    aggregatetype: aggregateType,
    eventversion: eventVersion,
    ...(correlationId && { correlationid: correlationId }),
    ...(causationId && { causationid: causationId }),
    ...(traceparent && { traceparent }),
    data: payload ?? null,
  });
}

/** Tells a CloudEvent from an envelope of ours, whether or not it is a good one. */
export function isCloudEvent(message: unknown): message is { readonly specversion: unknown; readonly subject?: unknown } {
  return typeof message === 'object' && message !== null && 'specversion' in message;
}

/** @throws InvalidInput naming every attribute that is missing or wrong */
export function envelopeOfCloudEvent(message: unknown): EventEnvelope {
  const parsed = cloudEventSchema.safeParse(message);
  if (!parsed.success) {
    const problems = fieldProblems(parsed.error);
    throw new InvalidInput(`The message is not a CloudEvent that can be handled here: ${problems.map((it) => `${it.path} ${it.message}`).join('; ')}`, {}, problems);
  }
  const { id, type, subject, time, data, aggregatetype, eventversion, correlationid, causationid, traceparent } = parsed.data;
  return {
    eventId: id, eventType: type, eventVersion: eventversion, occurredAt: new Date(time).toISOString(), aggregateType: aggregatetype, aggregateId: subject,
    correlationId: correlationid, causationId: causationid, traceparent, payload: data ?? null,
  };
}
