import { idSchema, isoInstant, text } from '../contract/index.js';
import { pageQuery } from '../http/index.js';
import { judgements } from '../parallel-run/index.js';
import { z } from 'zod';

const contextName = text(1, 64);
const judgement = z.enum(judgements).describe('A finding; a suspect, of which nobody can tell yet whether it is noise; noise of the old build; or waived by somebody.');

export const ofFinding = z.strictObject({ id: idSchema });
export const ofWaiver = z.strictObject({ id: idSchema });

const epsilon = z.coerce.number().min(0.0001).max(0.5).default(0.001).describe('The share of inputs in which a difference may remain unseen.');

export const findingsQuery = pageQuery.extend({
  context: contextName.optional(), judgement: judgement.optional(), run: idSchema.optional().describe('One run; the latest of each context when left out.'),
  epsilon,
});

const findingFields = {
  id: idSchema, run: idSchema, context: z.string(),
  endpoint: z.string().describe('The address, command or event.'),
  output: z.string().describe('`response`, `events`, `rows` or `calls`.'),
  kind: z.string().describe('`missing`, `extra`, `reordered`, `payload` or `schema`.'),
  field: z.string().describe('Where in the output, without what differs from input to input.'),
  count: z.int(), firstSeen: isoInstant, lastSeen: isoInstant, judgement,
  because: z.string().describe('What the judgement rests on.'),
};

export const findingPage = z.strictObject({ data: z.array(z.strictObject(findingFields)), nextCursor: z.string().nullable(), hasMore: z.boolean() });

/** As it was stored; what an older version stored may lack something. */
export const sampleSchema = z.object({
  input: z.object({ occasion: z.object({ kind: z.string(), name: z.string(), given: z.unknown() }), pinned: z.record(z.string(), z.unknown()) }),
  primary: z.unknown().optional(), candidate: z.unknown().optional(),
  differences: z.array(z.object({ output: z.string(), kind: z.string(), field: z.string(), primary: z.unknown().optional(), candidate: z.unknown().optional() })),
  tape: z.unknown().optional(),
});

export const findingWithSample = z.strictObject({
  ...findingFields,
  input: z.unknown().describe('What came in, and the time and ids that were pinned for it. Personal values are hashed.'),
  primary: z.unknown().describe('What the original did.'),
  candidate: z.unknown().describe('What the candidate did.'),
  differences: z.array(z.strictObject({ output: z.string(), kind: z.string(), field: z.string(), primary: z.unknown(), candidate: z.unknown() })),
  tape: z.unknown().describe('All that it takes to do the input again elsewhere; null while that is not known.'),
});

export const runsQuery = z.strictObject({ context: contextName.optional(), epsilon });

const runFigures = z.strictObject({
  id: idSchema, state: z.enum(['playing', 'failing', 'ended']), trouble: z.string().nullable(), startedAt: isoInstant, saidAt: isoInstant, behind: z.int().describe('Entries of the tape that were read and not played yet, and reads that wait for what comes next.'),
  applied: z.int().describe('Transactions whose rows were taken over without a comparison.'),
  skipped: z.int().describe('Ends of inputs that had begun before.'),
  undecided: z.int().describe('Reads that could have seen several states, none of which gave their answer.'),
  unanswered: z.int().describe('Inputs whose end is not on the tape.'),
  dropped: z.int().describe('Ends of inputs for which there was no room on the tape.'),
  restarts: z.int(),
});

const check = z.strictObject({ name: z.string(), ok: z.boolean(), figures: z.record(z.string(), z.union([z.number(), z.string()])), explanation: z.string() });

export const runList = z.strictObject({
  data: z.array(z.strictObject({
    context: z.string(), shadow: runFigures, control: runFigures.extend({ compared: z.int().describe('Inputs that it has compared.') }).nullable().describe('The old build beside, where there is one.'),
    coverage: z.array(z.strictObject({ endpoint: z.string(), outcome: z.string(), compared: z.int(), equal: z.int(), wrote: z.int().describe('How many of them changed rows or announced events.') })),
    uncovered: z.array(z.string()).describe('Commands, addresses that write and events of the contract that were never compared.'),
    findings: z.strictObject({ finding: z.int(), suspect: z.int(), noisy: z.int(), waived: z.int() }),
    required: z.int().describe('Comparisons that each endpoint and outcome needs that writes.'), epsilon: z.number(),
    gate: z.strictObject({ isOpen: z.boolean(), score: z.number(), checks: z.array(check) }),
  })),
});

export const waiversQuery = pageQuery.extend({ context: contextName.optional() });

export const waiverWish = z.strictObject({
  context: contextName,
  endpoint: text(1, 200).optional().describe('Only there; everywhere in the context when left out.'),
  field: text(1, 500).describe('A field as findings name it, or a pattern: `rows/payment/changed_at`, `events/*`; or `coverage`, of an endpoint that was never compared.'),
  owner: text(1, 100).describe('Who answers for it.'),
  reason: text(1, 500),
  expires: isoInstant.describe('From then on it does nothing.'),
});
export type WaiverRequest = z.output<typeof waiverWish>;

export const waiverEntry = z.strictObject({
  id: idSchema, context: z.string(), endpoint: z.string().nullable(), field: z.string(), owner: z.string(), reason: z.string(), actor: z.string(), at: isoInstant,
  expiresAt: isoInstant, endedAt: isoInstant.nullable(), endedBy: z.string().nullable(), isInForce: z.boolean(),
});

export const waiverPage = z.strictObject({ data: z.array(waiverEntry), nextCursor: z.string().nullable(), hasMore: z.boolean() });
