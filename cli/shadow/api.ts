import { z } from 'zod';
import type { Client } from '../client/index.js';

/** Read loosely: a newer app may say more. */
const figures = z.looseObject({
  id: z.string(), state: z.string(), trouble: z.string().nullable(), startedAt: z.string(), saidAt: z.string(), behind: z.number(),
  applied: z.number(), skipped: z.number(), undecided: z.number(), unanswered: z.number(), dropped: z.number(), restarts: z.number(),
});
const check = z.looseObject({ name: z.string(), ok: z.boolean(), figures: z.record(z.string(), z.union([z.number(), z.string()])), explanation: z.string() });
const runSchema = z.looseObject({
  context: z.string(), shadow: figures, control: figures.extend({ compared: z.number() }).nullable(),
  coverage: z.array(z.looseObject({ endpoint: z.string(), outcome: z.string(), compared: z.number(), equal: z.number(), wrote: z.number() })),
  uncovered: z.array(z.string()), findings: z.looseObject({ finding: z.number(), suspect: z.number(), noisy: z.number(), waived: z.number() }),
  required: z.number(), epsilon: z.number(), gate: z.looseObject({ isOpen: z.boolean(), score: z.number(), checks: z.array(check) }),
});
export type Run = z.output<typeof runSchema>;

const findingSchema = z.looseObject({
  id: z.string(), run: z.string(), context: z.string(), endpoint: z.string(), output: z.string(), kind: z.string(), field: z.string(), count: z.number(),
  firstSeen: z.string(), lastSeen: z.string(), judgement: z.string(), because: z.string(),
});
export type Finding = z.output<typeof findingSchema>;

const sampledSchema = findingSchema.extend({
  input: z.unknown(), primary: z.unknown(), candidate: z.unknown(), tape: z.unknown(),
  differences: z.array(z.looseObject({ output: z.string(), kind: z.string(), field: z.string(), primary: z.unknown(), candidate: z.unknown() })),
});
export type Sampled = z.output<typeof sampledSchema>;

const waiverSchema = z.looseObject({
  id: z.string(), context: z.string(), endpoint: z.string().nullable(), field: z.string(), owner: z.string(), reason: z.string(), actor: z.string(), expiresAt: z.string(), isInForce: z.boolean(),
});
export type Waiver = z.output<typeof waiverSchema>;

const pageOf = <S extends z.ZodType>(entry: S) => z.looseObject({ data: z.array(entry), nextCursor: z.string().nullable() });

/** `/ops/v1/parallel-runs` and `/ops/v1/findings` of a running app. */
export class ShadowApi {
  constructor(private readonly client: Client) {}

  async runs(context: string | undefined, epsilon: number | undefined): Promise<Run[]> {
    const query = queryOf({ context, epsilon: epsilon === undefined ? undefined : String(epsilon) });
    return (await this.client.get(`/ops/v1/parallel-runs?${query}`, z.looseObject({ data: z.array(runSchema) }))).data;
  }

  /** All of them, page by page. */
  async findings(of: { readonly context?: string | undefined; readonly epsilon?: number | undefined } = {}): Promise<Finding[]> {
    return this.all('/ops/v1/findings', findingSchema, { context: of.context, epsilon: of.epsilon === undefined ? undefined : String(of.epsilon) });
  }

  async waivers(context?: string): Promise<Waiver[]> {
    return this.all('/ops/v1/findings/waivers', waiverSchema, { context });
  }

  /** @param id or the beginning of one; the first finding that is open when left out */
  async finding(id?: string): Promise<Sampled> {
    if (id === undefined) return this.finding(await this.firstOpen());
    const meant = id.length === 36 ? [id] : (await this.findings()).map((it) => it.id).filter((it) => it.startsWith(id));
    const [only] = meant;
    if (only === undefined) throw new Error(`There is no finding ${id} in the latest parallel runs. To see them: npx banyan shadow report`);
    if (meant.length > 1) throw new Error(`Several findings begin with ${id}: ${meant.join(', ')}.`);
    return this.client.get(`/ops/v1/findings/${encodeURIComponent(only)}`, sampledSchema);
  }

  private async firstOpen(): Promise<string> {
    const all = await this.findings();
    const first = all.find(({ judgement }) => judgement === 'finding') ?? all.find(({ judgement }) => judgement === 'suspect');
    if (!first) throw new Error('No finding is open.');
    return first.id;
  }

  async waive(wish: { readonly context: string; readonly endpoint: string; readonly field: string; readonly owner: string; readonly reason: string; readonly expires: string }): Promise<Waiver> {
    return this.client.post('/ops/v1/findings/waivers', wish, waiverSchema);
  }

  async endWaiver(id: string): Promise<Waiver> {
    return this.client.delete(`/ops/v1/findings/waivers/${encodeURIComponent(id)}`, waiverSchema);
  }

  private async all<S extends z.ZodType>(path: string, entry: S, of: Readonly<Record<string, string | undefined>>): Promise<z.output<S>[]> {
    const all: z.output<S>[] = [];
    for (let cursor: string | undefined; ;) {
      const { data, nextCursor } = await this.client.get(`${path}?${queryOf({ ...of, cursor, limit: '100' })}`, pageOf(entry));
      all.push(...data);
      if (nextCursor === null) return all;
      cursor = nextCursor;
    }
  }
}

function queryOf(given: Readonly<Record<string, string | undefined>>): string {
  return new URLSearchParams(Object.entries(given).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]))).toString();
}
