import type { Contract, ErrorClass, EventDefinition, Operation } from '@banyan/kernel/contract';
import { z } from 'zod';
import { keyOf } from './key-of.js';

/** A JSON schema as zod writes it: draft 2020-12, as the reader of a value sees it. */
export const schemaSchema = z.record(z.string(), z.unknown());
export type Schema = z.output<typeof schemaSchema>;

const errorSnapshot = z.strictObject({ http: z.int(), grpc: z.string(), retryable: z.boolean() });

const operationSnapshot = z.strictObject({
  input: schemaSchema,
  output: schemaSchema,
  errors: z.record(z.string(), errorSnapshot),
});
export type OperationSnapshot = z.output<typeof operationSnapshot>;

const eventSnapshot = z.strictObject({
  version: z.int().positive(),
  aggregateType: z.string(),
  /** Where in the payload the ordering key comes from, such as `{/orderId}`. */
  key: z.string(),
  /** By version: the current one, and the older ones of which messages may still be about. */
  payloads: z.record(z.string().regex(/^[1-9]\d*$/), schemaSchema),
});
export type EventSnapshot = z.output<typeof eventSnapshot>;

/** What a contract promised when it was last released. */
export const snapshotSchema = z.strictObject({
  contract: z.string(),
  commands: z.record(z.string(), operationSnapshot),
  queries: z.record(z.string(), operationSnapshot),
  events: z.record(z.string(), eventSnapshot),
  /** Promises that were broken on purpose, oldest first. */
  broken: z.array(z.strictObject({ promise: z.string(), reason: z.string() })),
});
export type Snapshot = z.output<typeof snapshotSchema>;

/** What the contract promises as it is now; of events, the current version only. */
export function snapshotOf({ name, commands, queries, events }: Contract): Snapshot {
  return {
    contract: name,
    commands: byName(Object.values(commands), (it) => it.name, operation),
    queries: byName(Object.values(queries), (it) => it.name, operation),
    events: byName(Object.values(events), (it) => it.type, eventOf),
    broken: [],
  };
}

/** As its reader sees it: fields with a default may be left out, unknown fields of an open object are ignored. */
export function readersSchema(schema: z.ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline', cycles: 'ref' });
  return rest;
}

function operation({ input, output, errors = [] }: Operation): OperationSnapshot {
  return {
    input: readersSchema(input),
    output: readersSchema(output),
    errors: byName(errors, ({ definition }) => definition.code, errorOf),
  };
}

function errorOf({ definition: { http, grpc, retryable } }: ErrorClass): z.output<typeof errorSnapshot> {
  return { http, grpc, retryable };
}

function eventOf(definition: EventDefinition): EventSnapshot {
  const { version, aggregateType, payload } = definition;
  return { version, aggregateType, key: keyOf(definition), payloads: { [version]: readersSchema(payload) } };
}

/** Sorted, so that the same contract always gives the same file. */
function byName<T, Made>(all: readonly T[], name: (it: T) => string, make: (it: T) => Made): Record<string, Made> {
  const pairs = all.map((it) => [name(it), make(it)] as const);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}
