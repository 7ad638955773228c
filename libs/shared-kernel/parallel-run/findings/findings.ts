import type { Database } from '../../persistence/index.js';
import { wallClock } from '../../runtime/index.js';
import { type Gate, gate } from '../verdict/gate.js';
import { type FieldVerdict, judgeField } from '../verdict/judge-field.js';
import { firstLatencies } from '../verdict/latency.js';
import { EPSILON, requiredComparisons } from '../verdict/required-comparisons.js';
import type { ContractPart, FieldStanding } from '../verdict/standing.js';
import { NEVER_COMPARED, type Waiver, waiverFor } from '../verdict/waivers.js';
import { controlCheck, runCheck } from './run-checks.js';
import { type CoverageRow, type FieldRow, type FindingRow, type RunFigures, RunReader } from './run-reader.js';
import { WaiverBook, waiverOf } from './waiver-book.js';

/**
 * What is thought of differences of one cause: a finding, one of which nobody can tell yet, noise of the old build, or one
 * that somebody answers for.
 */
export const judgements = ['finding', 'suspect', 'noisy', 'waived'] as const;
export type Judgement = (typeof judgements)[number];

/** Differences of one cause, with what is thought of them. */
export interface Finding extends FindingRow {
  readonly judgement: Judgement;
  /** Why, in a few words. */
  readonly because: string;
  readonly waiver: Waiver | undefined;
}

/** What a parallel run has come to. */
export interface ParallelRun {
  readonly context: string;
  readonly shadow: RunFigures;
  /** The old build beside, against which noise is told from change. */
  readonly control: RunFigures | undefined;
  readonly coverage: readonly CoverageRow[];
  /** What the control has compared. */
  readonly controlled: readonly CoverageRow[];
  /** What was promised to be compared, and never was. */
  readonly uncovered: readonly string[];
  readonly findings: readonly Finding[];
  /** Comparisons that each endpoint and outcome needs that writes, so that a share of `epsilon` would have shown. */
  readonly required: number;
  readonly epsilon: number;
  readonly gate: Gate;
}

/** The reading side of parallel runs: what was found, what is thought of it, and whether the gate is open. */
export class Findings {
  readonly waivers: WaiverBook;
  private readonly reader: RunReader;

  /** @param promised what a context promises, and is to be compared */
  constructor(database: Database, private readonly promised: (context: string) => readonly ContractPart[]) {
    this.waivers = new WaiverBook(database);
    this.reader = new RunReader(database);
  }

  /** The latest run of each context. @param epsilon share of inputs in which a difference may remain unseen */
  async runs(context?: string, epsilon = EPSILON): Promise<ParallelRun[]> {
    const latest = await this.reader.latest(context);
    return Promise.all(latest.filter(({ purpose }) => purpose === 'shadow').map((shadow) => this.report(shadow, latest.find((it) => it.purpose === 'control' && it.context === shadow.context), epsilon)));
  }

  /** Those of one run, or of the latest of each context; those that were seen first at first. */
  async list({ context, run, epsilon = EPSILON }: { readonly context?: string | undefined; readonly run?: string | undefined; readonly epsilon?: number }): Promise<Finding[]> {
    if (run === undefined) return (await this.runs(context, epsilon)).flatMap((it) => it.findings);
    const shadow = await this.reader.run(run);
    if (!shadow || (context !== undefined && shadow.context !== context)) return [];
    const control = (await this.reader.latest(shadow.context)).find(({ purpose }) => purpose === 'control' && shadow.purpose === 'shadow');
    return (await this.report(shadow, control, epsilon)).findings.slice();
  }

  /** One with its sample; undefined when there is none of this id. */
  async show(id: string): Promise<(Finding & { readonly sample: unknown }) | undefined> {
    const found = await this.reader.finding(id);
    const judged = found && (await this.list({ run: found.run })).find((it) => it.id === id);
    return found && judged && { ...judged, sample: found.sample };
  }

  /** Whether a context may be sent traffic, as far as its parallel run can tell. */
  async gateOf(context: string, epsilon = EPSILON): Promise<Gate> {
    const [run] = await this.runs(context, epsilon);
    return run?.gate ?? { opens: false, score: 0, checks: [runCheck(undefined)] };
  }

  private async report(shadow: RunFigures, beside: RunFigures | undefined, epsilon: number): Promise<ParallelRun> {
    const { context } = shadow;
    const control = beside && isBeside(shadow, beside) ? beside : undefined;
    const [coverage, controlled, rows, waivers] = await Promise.all([
      this.reader.coverage(shadow.id), control ? this.reader.coverage(control.id) : [], this.reader.findings(shadow.id), this.waivers.inForce(context)]);
    const seen = await this.reader.fields(shadow.id, control && windowOf(shadow, control));
    const fields = judged(seen, rows, { coverage, controlled, hasControl: control !== undefined, epsilon });
    const [at, given, contract] = [wallClock.now(), waivers.map(waiverOf), this.promised(context)];
    const verdict = gate({
      coverage: coverage.map((it) => ({ ...it, writes: it.wrote > 0, recorded: it.compared })), fields,
      contract: contract.filter(({ endpoint }) => !waiverFor(given, { endpoint, field: NEVER_COMPARED }, at)), waivers: given, at, epsilon, latency: shadow.latency ?? firstLatencies([]),
    });
    const ahead = new Set(seen.filter((it) => it.ahead > 0).map(placeOf));
    const waiting = fields.filter((it) => it.verdict.is === 'suspect' || (it.verdict.is === 'noisy' && ahead.has(placeOf(it)))).length;
    const checks = [runCheck(shadow), ...(control ? [controlCheck(control, comparedIn(controlled), waiting)] : []), ...verdict.checks];
    return {
      context, shadow, control, coverage, controlled, epsilon, required: requiredComparisons(epsilon),
      uncovered: contract.map(({ endpoint }) => endpoint).filter((name) => !coverage.some((it) => it.endpoint === name)),
      findings: rows.map((row) => ({ ...row, ...judgementOf(row, fields, given, at) })),
      gate: { ...verdict, checks, opens: checks.every(({ ok }) => ok) },
    };
  }
}

/** An old build that was there while the candidate played. */
function isBeside(shadow: RunFigures, control: RunFigures): boolean {
  const isBefore = (one: RunFigures, other: RunFigures): boolean => one.state === 'ended' && one.saidAt <= other.startedAt;
  return !isBefore(shadow, control) && !isBefore(control, shadow);
}

/** Between these, both copies have seen all inputs. */
function windowOf(shadow: RunFigures, control: RunFigures): { id: string; from: Date; to: Date } {
  const from = shadow.startedAt > control.startedAt ? shadow.startedAt : control.startedAt;
  const reached = [shadow.reachedAt, control.reachedAt].map((it) => it?.getTime() ?? 0);
  return { id: control.id, from, to: new Date(Math.min(...reached)) };
}

interface Basis {
  readonly coverage: readonly CoverageRow[];
  readonly controlled: readonly CoverageRow[];
  readonly hasControl: boolean;
  readonly epsilon: number;
}

/** Every field in which anything differed; its share of the error goes by the order in which they appeared. */
function judged(seen: readonly FieldRow[], rows: readonly FindingRow[], { coverage, controlled, hasControl, epsilon }: Basis): FieldStanding[] {
  const order = [...new Set(rows.map(placeOf))];
  const ordinals = new Map([...order, ...seen.map(placeOf).filter((it) => !order.includes(it))].map((it, i) => [it, i + 1]));
  return seen.map((it) => {
    const counts = { ...it, ordinal: ordinals.get(placeOf(it)) ?? 1, comparisons: comparisonsOf(it.endpoint, coverage), control: comparisonsOf(it.endpoint, controlled) };
    return { endpoint: it.endpoint, field: it.field, verdict: judgeField(counts, { hasControl, epsilon }) };
  });
}

function comparisonsOf(endpoint: string, coverage: readonly CoverageRow[]): number {
  return comparedIn(coverage.filter((it) => it.endpoint === endpoint));
}

/** How many inputs were compared. */
export function comparedIn(coverage: readonly CoverageRow[]): number {
  return coverage.reduce((sum, { compared }) => sum + compared, 0);
}

function placeOf({ endpoint, field }: { readonly endpoint: string; readonly field: string }): string {
  return `${endpoint}\n${field}`;
}

function judgementOf(row: FindingRow, fields: readonly FieldStanding[], waivers: readonly Waiver[], at: Date): Pick<Finding, 'judgement' | 'because' | 'waiver'> {
  const verdict = fields.find((it) => placeOf(it) === placeOf(row))?.verdict;
  const waiver = waiverFor(waivers, row, at);
  const judgement = verdict?.is === 'finding' || verdict?.is === 'noisy' ? verdict.is : 'suspect';
  const because = verdict ? reasonOf(verdict) : 'it has just been seen';
  if (waiver && judgement !== 'noisy') return { judgement: 'waived', because: `${waiver.owner} answers for it until ${waiver.expires}: ${waiver.reason}`, waiver };
  return { judgement, because, waiver };
}

function reasonOf({ differed, comparisons, control, controlRequired, noise, both, candidateOnly, controlOnly, ...verdict }: FieldVerdict): string {
  const often = `${differed} of ${comparisons} comparisons`;
  const pairs = `the old build differed from itself in ${Number((100 * noise).toFixed(2))} %; only the candidate differed ${candidateOnly} times, only the old build ${controlOnly} times`;
  if (verdict.is === 'noisy') return `${often}; ${pairs}`;
  if (verdict.is === 'finding' && verdict.because === 'evidence') return `${often}; ${pairs}, which is no chance any more`;
  if (verdict.is === 'suspect' && both > 0) return `${often}; the control differed on ${both} of the same inputs and on no others, which is a change that both have rather than noise. Is the control the build that serves?`;
  if (verdict.is === 'suspect') return `${often}; the old build has been asked ${control} of ${controlRequired} times, so it may be noise`;
  return control > 0 ? `${often}; the old build never differed from itself in ${control}` : `${often}; pinned inputs leave nothing to chance`;
}
