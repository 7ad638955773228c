import { z } from 'zod';
import type { AnnouncedEvent } from '../../persistence/index.js';
import type { WireError } from '../../rpc/index.js';
import type { PinnedInput } from '../../runtime/index.js';
import { heldRows, parseExactly } from './exact-rows.js';
import type { PersonalNames } from './redaction.js';

/** JSON has no undefined: what was that is absent on the tape. */
const anything = z.unknown().default(undefined);

const wireError = z.custom<WireError>((it) => typeof it === 'object' && it !== null && 'definition' in it && 'message' in it);

export const endingSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('http'), status: z.int(), headers: z.record(z.string(), z.string()), body: anything }),
  z.object({ is: z.literal('returned'), value: anything }),
  z.object({ is: z.literal('refused'), code: z.string(), message: z.string(), details: anything }),
]);

const pinnedSchema = z.object({
  inputId: z.string(), at: z.coerce.date(), correlationId: z.string(), causationId: z.string(), traceparent: z.string(),
  principal: z.object({ id: z.string(), roles: z.array(z.string()) }).optional(), tenant: z.string().optional(),
});

export const inputSchema = z.object({
  occasion: z.object({ kind: z.enum(['request', 'command', 'query', 'event', 'step']), name: z.string(), given: anything }),
  pinned: pinnedSchema,
  ending: endingSchema.optional(),
});

export const callSchema = z.object({
  name: z.string(), input: anything,
  /** Counts the questions in the order in which they were asked. */
  nth: z.int().optional(),
  outcome: z.discriminatedUnion('is', [z.object({ is: z.literal('answered'), value: anything }), z.object({ is: z.literal('failed'), error: wireError })]),
});

export const eventSchema = z.object({
  eventId: z.string(), eventType: z.string(), eventVersion: z.int(), occurredAt: z.string(), aggregateType: z.string(), aggregateId: z.string(),
  correlationId: z.string(), causationId: z.string(), payload: anything,
});

export const imageSchema = z.object({ table: z.string(), change: z.enum(['inserted', 'updated', 'deleted', 'truncated']), row: z.record(z.string(), z.unknown()) });

const transactionSchema = z.object({
  /** Names one execution of an input; a batch of inputs in one transaction has none that could go on. */
  run: z.string().nullable(),
  /** Counts the transactions of the run, from 0. */
  part: z.int(),
  /** With the first part. */
  inputs: z.array(inputSchema),
  /** What was asked outside since the part before. */
  calls: z.array(callSchema),
  events: z.array(eventSchema),
});

const endedSchema = z.object({
  run: z.string(),
  /** How many transactions it had. */
  parts: z.int(),
  ending: endingSchema,
  /** How long it took, in milliseconds, without the time in which others were asked. */
  ms: z.number(),
  calls: z.array(callSchema),
  /** Where there was no transaction that could have brought it. */
  input: inputSchema.optional(),
  /** Snapshots before and after what it saw; null where that is not known, and no window where it saw nothing. */
  window: z.object({ before: z.string().nullable(), after: z.string().nullable() }).optional(),
});

const endingsSchema = z.object({
  endings: z.array(endedSchema),
  /** How many were not written down since the row before, because there was no room for them. */
  dropped: z.int(),
});

export type TapedInput = z.output<typeof inputSchema>;
export type TapedCall = z.output<typeof callSchema>;
export type TapedEvent = z.output<typeof eventSchema>;
export type TapedTransaction = z.output<typeof transactionSchema>;
export type TapedEnd = z.output<typeof endedSchema>;
/** A row as it stood after a change, or before it was deleted. */
export type Image = z.output<typeof imageSchema>;

/** One row of a tape. */
export type TapeEntry = { readonly position: string; readonly xid: bigint } & (
  | { readonly is: 'transaction'; readonly taped: TapedTransaction; readonly rows: readonly Image[] }
  | { readonly is: 'endings'; readonly ends: readonly TapedEnd[]; readonly dropped: number }
  | { readonly is: 'unasked'; readonly rows: readonly Image[] }
);

/** A row as the table has it. */
export interface TapeRow {
  readonly position: string;
  readonly xid: string;
  readonly kind: 'transaction' | 'endings' | 'unasked';
  readonly entry: unknown;
  readonly rows: string | null;
}

/** @throws ZodError where another version has written what this one cannot read */
export function entryOf({ position, xid, kind, entry, rows }: TapeRow): TapeEntry {
  const at = { position, xid: BigInt(xid) };
  if (kind === 'transaction') return { is: kind, ...at, taped: transactionSchema.parse(entry), rows: imagesOf(rows) };
  if (kind === 'unasked') return { is: kind, ...at, rows: imagesOf(rows) };
  const { endings, dropped } = endingsSchema.parse(entry);
  return { is: kind, ...at, ends: endings, dropped };
}

export function imagesOf(text: string | null): Image[] {
  return text === null || text === '' ? [] : heldRows(z.array(imageSchema).parse(parseExactly(text)), text);
}

export function pinnedOf({ principal, tenant, ...rest }: TapedInput['pinned']): PinnedInput {
  return { ...rest, principal, tenant };
}

/**
 * Where its span stands in a trace is another place each time. The id of an event follows from its content; of one that
 * tells of people each side makes another id, since only one of them knows who they are.
 */
export function tapedEvent({ traceparent: _place, payload, ...rest }: AnnouncedEvent, personal: PersonalNames): TapedEvent {
  const told = JSON.parse(payload) as unknown;
  return { ...rest, payload: told, ...(personal.areIn(told) && { eventId: 'follows from personal data' }) };
}
