import { z } from 'zod';
import type { Client } from '../client/index.js';
import type { FilterOptions } from './options.js';

/** Read loosely: a newer app may say more. */
const parkedSchema = z.looseObject({
  context: z.string(), eventId: z.string(), eventType: z.string().nullable(), key: z.string(), attempts: z.number(), error: z.string(), stack: z.string().nullable(),
  behind: z.number(), parkedAt: z.string(),
});
export type Parked = z.output<typeof parkedSchema>;
const pageSchema = z.looseObject({ data: z.array(parkedSchema), nextCursor: z.string().nullable(), hasMore: z.boolean() });

const storySchema = z.looseObject({
  context: z.string(), eventId: z.string(), eventType: z.string().nullable(), eventVersion: z.number().nullable(), key: z.string(), state: z.string(), attempts: z.number(),
  error: z.string(), stack: z.string().nullable(), behind: z.number(), correlationId: z.string().nullable(),
  history: z.array(z.looseObject({
    is: z.string(), at: z.string(), attempt: z.number().optional(), times: z.number().optional(), error: z.string().optional(), stack: z.string().nullable().optional(),
    by: z.string().optional(), reason: z.string().optional(),
  })),
});
export type Story = z.output<typeof storySchema>;

const redriveSchema = z.looseObject({
  dryRun: z.boolean(), keys: z.number(), events: z.number(), behind: z.number(), unreadable: z.number(), seconds: z.number(),
  contexts: z.array(z.looseObject({ context: z.string(), keys: z.number(), events: z.number(), behind: z.number() })),
});
export type Redriven = z.output<typeof redriveSchema>;

const discardSchema = z.looseObject({
  dryRun: z.boolean(), events: z.number(), behind: z.number(), contexts: z.array(z.looseObject({ context: z.string(), events: z.number(), behind: z.number() })),
});
export type Discarded = z.output<typeof discardSchema>;

const PAGE = 100;
/** As many ids as one request may name. */
export const MOST_IDS = 1_000;

/** `/ops/v1/parked` of a running app. */
export class ParkedApi {
  constructor(private readonly client: Client) {}

  /** Reads page by page. `hasMore` when there are more than `limit`. */
  async list(filter: FilterOptions & { readonly eventId?: string }, limit: number): Promise<{ data: Parked[]; hasMore: boolean }> {
    const data: Parked[] = [];
    for (let cursor: string | null = ''; ;) {
      const page: z.output<typeof pageSchema> = await this.client.get(`/ops/v1/parked?${queryOf(filter, Math.min(PAGE, limit - data.length), cursor)}`, pageSchema);
      data.push(...page.data);
      cursor = page.nextCursor;
      if (cursor === null || data.length >= limit) return { data, hasMore: page.hasMore };
    }
  }

  async show(context: string, eventId: string): Promise<Story> {
    return this.client.get(`/ops/v1/parked/${encodeURIComponent(context)}/${encodeURIComponent(eventId)}`, storySchema);
  }

  async redrive(wish: { readonly ids?: readonly string[]; readonly filter?: FilterOptions; readonly reason: string; readonly perSecond: number; readonly dryRun: boolean }): Promise<Redriven> {
    const { filter, ...rest } = wish;
    return this.client.post('/ops/v1/parked/redrives', { ...rest, ...(filter && { filter: wireFilter(filter) }) }, redriveSchema);
  }

  async discard(wish: { readonly ids: readonly string[]; readonly context?: string; readonly reason: string; readonly dryRun: boolean }): Promise<Discarded> {
    return this.client.post('/ops/v1/parked/discards', wish, discardSchema);
  }
}

/** The API's names for the options. */
function wireFilter({ context, type, key, error, since }: FilterOptions): Record<string, string> {
  const fields = { context, eventType: type, key, error, since };
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function queryOf(filter: FilterOptions & { readonly eventId?: string }, limit: number, cursor: string): string {
  return new URLSearchParams({ ...wireFilter(filter), ...(filter.eventId !== undefined && { eventId: filter.eventId }), limit: String(limit), ...(cursor && { cursor }) }).toString();
}
