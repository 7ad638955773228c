import { isoInstant, text } from '../contract/index.js';
import { LONGEST_DELAY_MS, faultKinds } from '../facade/index.js';
import { z } from 'zod';

/** Nobody should find a fault in the house that was forgotten there. */
const LONGEST_S = 3_600;

const target = text(1, 200).describe('A context (`payments`), one of its operations (`payments.capture-payment`) or a route (`GET /v1/payments`).');
const kind = z.enum(faultKinds).describe('Answer late, answer with an error, or do not answer.');
const side = z.enum(['embedded', 'extracted']);

export const ofFault = z.strictObject({ id: z.coerce.number().int().min(1) });

export const faultRequest = z.strictObject({
  target, kind,
  delayMs: z.int().min(1).max(LONGEST_DELAY_MS).optional().describe('For a delay, and only then.'),
  percent: z.number().gt(0).max(100).default(100).describe('How many of a hundred it hits, by chance.'),
  side: side.optional().describe('Only in the monolith, or only in the extracted app; both when left out.'),
  seconds: z.int().min(1).max(LONGEST_S).describe('It ends by itself.'),
  reason: text(1, 500),
}).refine((it) => (it.kind === 'delay') === (it.delayMs !== undefined), { path: ['delayMs'], error: 'A delay needs its length in milliseconds; nothing else has one.' });
export type FaultRequest = z.output<typeof faultRequest>;

export const faultEntry = z.strictObject({
  id: z.int(), target: z.string(), kind, delayMs: z.int(), percent: z.number(), side: side.nullable(),
  reason: z.string(), actor: z.string(), at: isoInstant, endsAt: isoInstant, isOver: z.boolean(),
});

export const faultList = z.strictObject({ data: z.array(faultEntry) });
