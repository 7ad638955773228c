import { z } from 'zod';
import { InvalidInput } from './common-errors.js';
import { fieldProblems } from './field-problems.js';

/** Lifts a payload of version n to version n + 1. */
type Upcaster = (older: unknown) => unknown;

interface EventShape<Payload extends z.ZodType> {
  readonly version: number;
  readonly aggregateType: string;
  /** The ordering key: events with the same key are handled in commit order. */
  readonly aggregateId: (payload: z.output<Payload>) => string;
  readonly payload: Payload;
  /** `upcast[n]` makes a payload of version n + 1 out of one of version n. */
  readonly upcast?: Readonly<Record<number, Upcaster>>;
}

/** An announced fact that has no envelope yet. */
export interface EventDraft {
  readonly definition: EventDefinition;
  readonly payload: unknown;
}

/** An integration event of a contract. Calling it makes a draft: `events.announce(orderPlaced({ … }))`. */
export interface EventDefinition<Payload extends z.ZodType = z.ZodType> extends EventShape<Payload> {
  (payload: z.input<Payload>): EventDraft;
  /** Stable wire name: `<context>.<noun-past-participle>`. */
  readonly type: string;
}

export type PayloadOf<E extends { payload: z.ZodType }> = z.output<E['payload']>;

/** What travels: the fact and where it comes from. */
export const envelopeSchema = z.strictObject({
  eventId: z.uuid(),
  eventType: z.string(),
  eventVersion: z.int().positive(),
  occurredAt: z.iso.datetime(),
  aggregateType: z.string(),
  aggregateId: z.string(),
  correlationId: z.string(),
  causationId: z.string(),
  traceparent: z.string(),
  payload: z.unknown(),
});
export type EventEnvelope = z.output<typeof envelopeSchema>;

/**
 * Declares an integration event.
 * @param type `<context>.<noun-past-participle>`, for example `ordering.order-placed`
 */
export function event<P extends z.ZodType>(type: string, shape: EventShape<P>): EventDefinition<P> {
  const definition = (payload: z.input<P>): EventDraft => ({
    definition: definition as unknown as EventDefinition,
    payload: shape.payload.parse(payload),
  });
  return Object.assign(definition, { type, ...shape });
}

/**
 * Reads a payload of any version that is still known, lifting it to the current one.
 * @throws InvalidInput when the version is unknown or the payload does not fit its schema
 */
export function readPayload<E extends EventDefinition>(definition: E, version: number, raw: unknown): PayloadOf<E> {
  let payload = raw;
  for (let v = version; v < definition.version; v += 1) {
    const lift = definition.upcast?.[v];
    if (!lift) throw unknownVersion(definition, version);
    payload = lift(payload);
  }
  if (version > definition.version) throw unknownVersion(definition, version);
  const parsed = definition.payload.safeParse(payload);
  if (!parsed.success) {
    throw new InvalidInput(`The payload of ${definition.type} v${version} does not fit its contract.`, { type: definition.type, version }, fieldProblems(parsed.error));
  }
  return parsed.data as PayloadOf<E>;
}

function unknownVersion(definition: EventDefinition, version: number): Error {
  return new InvalidInput(
    `Version ${version} of ${definition.type} is unknown here; version ${definition.version} and what can be lifted to it are. Deploy the newer contract, then redrive.`,
    { type: definition.type, version },
  );
}
