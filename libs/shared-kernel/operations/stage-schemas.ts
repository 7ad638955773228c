import { isoInstant, text } from '../contract/index.js';
import { stages } from '../facade/index.js';
import { pageQuery } from '../http/index.js';
import { z } from 'zod';

const contextName = text(1, 64);
const stage = z.enum(stages);
const percent = z.int().min(0).max(100).describe('How much of the traffic goes to the extracted app.');
const place = z.strictObject({ stage, percent });

export const ofContext = z.strictObject({ context: contextName });

export const stageList = z.strictObject({
  data: z.array(z.strictObject({
    context: z.string(), stage, percent, epoch: z.int(), instances: z.array(z.strictObject({ app: z.string(), url: z.string() })).describe('Processes of the extracted app that show signs of life.'),
  })),
});

export const stageWish = z.strictObject({
  stage,
  percent: z.int().min(1).max(99).optional().describe('For a canary, and only then.'),
  epsilon: z.number().min(0.0001).max(0.5).optional().describe('Out of a parallel run: the share of inputs in which a difference may remain unseen, 0.001 when left out; kept in the journal.'),
  reason: text(1, 500).describe('Kept in the journal together with who and when.'),
  dryRun: z.boolean().default(false).describe('Look at every check, and change nothing.'),
}).refine((it) => (it.stage === 'canary') === (it.percent !== undefined), { path: ['percent'], error: 'A canary needs a percentage from 1 to 99; nothing else has one.' });
export type StageRequest = z.output<typeof stageWish>;

const check = z.strictObject({ name: z.string(), ok: z.boolean(), figures: z.record(z.string(), z.union([z.number(), z.string()])), explanation: z.string() });

export const stageMove = z.strictObject({
  context: z.string(), from: place, to: place, changed: z.boolean().describe('False when the context stood there already, or with `dryRun`.'), dryRun: z.boolean(), checks: z.array(check),
});

export const journalQuery = pageQuery.extend({ context: contextName.optional() });

export const journalPage = z.strictObject({
  data: z.array(z.strictObject({ context: z.string(), epoch: z.int(), from: place, to: place, reason: z.string(), actor: z.string(), at: isoInstant, checks: z.array(check) })),
  nextCursor: z.string().nullable(), hasMore: z.boolean(),
});
