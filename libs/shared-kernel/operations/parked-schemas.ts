import { cursorPage, idSchema, isoInstant, text } from '../contract/index.js';
import { pageQuery } from '../http/index.js';
import { z } from 'zod';

const context = text(1, 64).describe('Only this context.');
const filterFields = {
  context: context.optional(),
  eventType: text(1, 200).optional().describe('Such as `ordering.order-placed`.'),
  key: text(1, 512).optional().describe('The ordering key: the id of the aggregate.'),
  error: text(1, 500).optional().describe('Part of the last error, in whatever case.'),
  since: isoInstant.optional().describe('Parked at this instant or later.'),
};
const reason = text(1, 500).describe('Why. It is kept together with who.');
const ids = z.array(idSchema).min(1).max(1_000).describe('Event ids.');
const dryRun = z.boolean().default(false).describe('Count, and change nothing.');

export const parkedQuery = pageQuery.extend({ ...filterFields, eventId: idSchema.optional().describe('Only this event; it may be parked in several contexts.') });
export const parkedFilter = z.strictObject(filterFields);
export const ofEvent = z.strictObject({ context, eventId: idSchema });

export const redriveWish = z.strictObject({
  filter: parkedFilter.optional().describe('Which events; an empty one means all.'),
  ids: ids.optional(),
  reason,
  perSecond: z.int().min(1).max(10_000).default(100).describe('How many events begin per second at most, those that waited behind the parked ones included.'),
  dryRun,
}).refine((wish) => wish.filter !== undefined || wish.ids !== undefined, { error: 'Say which events: by a filter, by ids, or both.', path: ['filter'] });
export type RedriveWish = z.output<typeof redriveWish>;

export const discardWish = z.strictObject({ context: context.optional(), ids, reason, dryRun });
export type DiscardWish = z.output<typeof discardWish>;

const eventFields = {
  context: z.string(),
  eventId: idSchema,
  eventType: z.string().nullable().describe('Null when the message cannot be read.'),
  eventVersion: z.int().nullable(),
  key: z.string(),
  attempts: z.int(),
  error: z.string().describe('The last one.'),
  stack: z.string().nullable().describe('A digest of where it came from: equal ones, equal causes.'),
  behind: z.int().describe('Later events of the key that wait.'),
  receivedAt: isoInstant,
};

export const parkedSchema = z.strictObject({ ...eventFields, parkedAt: isoInstant });
export const parkedPage = cursorPage(parkedSchema);

const at = isoInstant;
const failure = { at, attempt: z.int(), error: z.string(), stack: z.string().nullable(), times: z.int().describe('As often in a row, during an outage.') };
const change = { at, by: z.string().describe('The id of the principal.'), reason: z.string() };
const happening = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('received'), at }),
  z.strictObject({ is: z.enum(['failed', 'parked']), ...failure }),
  z.strictObject({ is: z.enum(['redriven', 'discarded']), ...change }),
  z.strictObject({ is: z.literal('handled'), at }),
]);

export const storySchema = z.strictObject({
  ...eventFields,
  state: z.enum(['pending', 'waiting', 'parked', 'done', 'discarded']),
  parkedAt: isoInstant.nullable(),
  aggregateType: z.string().nullable(),
  occurredAt: isoInstant.nullable(),
  correlationId: z.string().nullable(),
  causationId: z.string().nullable(),
  traceparent: z.string().nullable(),
  history: z.array(happening).describe('Oldest first.'),
});
export type Story = z.input<typeof storySchema>;

const redriven = {
  keys: z.int(),
  events: z.int().describe('Parked events that run again.'),
  behind: z.int().describe('Events that waited behind them and run after them.'),
  unreadable: z.int().describe('Messages that nobody here can read: they stay parked with all that comes after them.'),
  seconds: z.number().describe('Until the last key begins.'),
};
export const redriveAnswer = z.strictObject({ dryRun: z.boolean(), perSecond: z.int(), ...redriven, contexts: z.array(z.strictObject({ context: z.string(), ...redriven })) });

const discarded = { events: z.int().describe('Parked events among those that were named.'), behind: z.int().describe('Events that run because nothing is in their way any more.') };
export const discardAnswer = z.strictObject({ dryRun: z.boolean(), ...discarded, contexts: z.array(z.strictObject({ context: z.string(), ...discarded })) });
