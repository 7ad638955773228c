import { describe, expect, it } from '@jest/globals';
import type { EventEnvelope } from '../contract/index.js';
import { cloudEvent, envelopeOfCloudEvent } from './cloud-event.js';
import { parseEnvelope } from './message.js';

const envelope: EventEnvelope = {
  eventId: '0198f0c2-7d1e-7a33-8a5b-6f1f1a2b3c4d', eventType: 'ordering.order-placed', eventVersion: 2, occurredAt: '2026-11-20T12:00:00.123Z',
  aggregateType: 'order', aggregateId: 'order-1', correlationId: 'c-1', causationId: 'i-1', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  payload: { orderId: 'order-1', lines: [{ sku: 'B-1', quantity: 2, note: 'ä – "quoted" \u2028' }] },
};

/** What a foreign service would write by hand. */
const foreign = {
  specversion: '1.0', id: envelope.eventId, source: '/legacy/shop', type: 'ordering.order-placed', subject: 'order-1', time: '2026-11-20T13:00:00.123+01:00',
  aggregatetype: 'order', eventversion: 2, data: { orderId: 'order-1' },
};

describe('a CloudEvent', () => {
  it('says what the specification wants of every event, and the rest in extension attributes', () => {
    expect(JSON.parse(cloudEvent(envelope))).toEqual({
      specversion: '1.0', id: envelope.eventId, source: '/banyan/ordering', type: 'ordering.order-placed', subject: 'order-1', time: '2026-11-20T12:00:00.123Z',
      datacontenttype: 'application/json', aggregatetype: 'order', eventversion: 2, correlationid: 'c-1', causationid: 'i-1', traceparent: envelope.traceparent,
      data: envelope.payload,
    });
    for (const attribute of Object.keys(JSON.parse(cloudEvent(envelope)) as object)) expect(attribute).toMatch(/^[a-z0-9]{1,20}$/);
  });

  it('comes back as the envelope that it was', () => {
    expect(parseEnvelope(cloudEvent(envelope))).toEqual(envelope);
    const bare = { ...envelope, correlationId: '', causationId: '', traceparent: '', payload: null };
    expect(parseEnvelope(cloudEvent(bare))).toEqual(bare);
    expect(cloudEvent(bare)).not.toContain('traceparent');
  });

  it('of a foreign service is read: another time zone, no correlation, attributes of its own', () => {
    expect(parseEnvelope(JSON.stringify({ ...foreign, shard: 'eu-1', datacontenttype: 'application/json; charset=utf-8' }))).toEqual({
      ...envelope, correlationId: '', causationId: '', traceparent: '', payload: { orderId: 'order-1' },
    });
  });

  it.each([
    ['without an id', { id: undefined }, '/id'],
    ['whose id is no UUID', { id: '17' }, '/id'],
    ['without a subject, which is the ordering key', { subject: undefined }, '/subject'],
    ['without a version', { eventversion: undefined }, '/eventversion'],
    ['of another specification', { specversion: '0.3' }, '/specversion'],
    ['with a time that is none', { time: 'yesterday' }, '/time'],
    ['with data that is not JSON', { datacontenttype: 'application/xml' }, '/datacontenttype'],
    ['with binary data', { data: undefined, data_base64: 'AAA=' }, '/data_base64'],
  ])('%s is refused with the name of what is wrong', (_what, change, path) => {
    expect(() => envelopeOfCloudEvent(JSON.parse(JSON.stringify({ ...foreign, ...change })))).toThrow(path);
  });
});
