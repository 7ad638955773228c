import type { Database } from '../../persistence/index.js';
import type { LatencyCounts } from '../verdict/latency.js';
import type { Purpose } from './run-store.js';

/** A run as people look at it. */
export interface RunFigures {
  readonly id: string;
  readonly context: string;
  readonly purpose: Purpose;
  readonly state: 'playing' | 'failing' | 'ended';
  /** What keeps it from going on. */
  readonly trouble: string | null;
  /** Entries of the tape that were read and not played yet, and reads that wait for what comes next. */
  readonly behind: number;
  readonly applied: number;
  readonly skipped: number;
  readonly undecided: number;
  readonly unanswered: number;
  readonly dropped: number;
  readonly restarts: number;
  readonly startedAt: Date;
  /** When it gave a sign last, and how long ago that is, in seconds. */
  readonly saidAt: Date;
  readonly silentS: number;
  /** When the latest input came in that was compared. */
  readonly reachedAt: Date | null;
  /** How long both sides took; null while what is slow is being learnt. */
  readonly latency: LatencyCounts | null;
}

/** How often one endpoint ended in one way. */
export interface CoverageRow {
  readonly endpoint: string;
  readonly outcome: string;
  readonly compared: number;
  readonly equal: number;
  readonly wrote: number;
}

/** How often one field of an endpoint differed, on both copies. */
export interface FieldRow {
  readonly endpoint: string;
  readonly field: string;
  readonly differed: number;
  readonly controlDiffered: number;
  readonly both: number;
  readonly candidateOnly: number;
  readonly controlOnly: number;
  /** Inputs on which the candidate differed, and which the control has not reached. */
  readonly ahead: number;
}

/** Differences of one cause. */
export interface FindingRow {
  readonly id: string;
  readonly run: string;
  readonly context: string;
  readonly endpoint: string;
  readonly output: string;
  readonly kind: string;
  readonly field: string;
  readonly count: number;
  readonly firstSeen: Date;
  readonly lastSeen: Date;
}

const FIGURES = `id, context, purpose, state, trouble, behind, applied, skipped, undecided, unanswered, dropped, restarts, started_at AS "startedAt", said_at AS "saidAt",
  extract(epoch FROM now() - said_at)::float8 AS "silentS", reached_at AS "reachedAt", latency`;
const FINDING = 'finding.id, run, run.context, endpoint, output, kind, field, count, first_seen AS "firstSeen", last_seen AS "lastSeen"';

/** Reads what parallel runs have left behind. */
export class RunReader {
  constructor(private readonly database: Database) {}

  /** The latest run of each context and purpose. Served by run_latest. */
  async latest(context?: string): Promise<RunFigures[]> {
    return this.database.query<RunFigures>(`SELECT DISTINCT ON (context, purpose) ${FIGURES} FROM run WHERE $1::text IS NULL OR context = $1 ORDER BY context, purpose, started_at DESC`, [context ?? null]);
  }

  /** Served by the primary key. */
  async run(id: string): Promise<RunFigures | undefined> {
    return (await this.database.query<RunFigures>(`SELECT ${FIGURES} FROM run WHERE id = $1`, [id]))[0];
  }

  /** Served by the primary key. */
  async coverage(run: string): Promise<CoverageRow[]> {
    return this.database.query<CoverageRow>('SELECT endpoint, outcome, compared, equal, wrote FROM coverage WHERE run = $1 ORDER BY endpoint, outcome', [run]);
  }

  /** The findings of a run, those that were seen first at first. Served by the unique key of `finding`. */
  async findings(run: string): Promise<FindingRow[]> {
    return this.database.query<FindingRow>(`SELECT ${FINDING} FROM finding JOIN run ON run.id = finding.run WHERE run = $1 ORDER BY first_seen, finding.id`, [run]);
  }

  /** One finding with its sample. Served by the primary key. */
  async finding(id: string): Promise<(FindingRow & { readonly sample: unknown }) | undefined> {
    return (await this.database.query<FindingRow & { readonly sample: unknown }>(`SELECT ${FINDING}, sample FROM finding JOIN run ON run.id = finding.run WHERE finding.id = $1`, [id]))[0];
  }

  /**
   * Mismatches of a run, in pairs with those of its control on the same inputs, as far as both have compared these: what
   * one of them did not reach yet, or left out, says nothing about it. Served by the primary keys of `mismatch` and `left_out`.
   */
  async fields(run: string, control: { readonly id: string; readonly from: Date; readonly to: Date } | undefined): Promise<FieldRow[]> {
    return this.database.query<FieldRow>(
      `SELECT coalesce(ours.endpoint, theirs.endpoint) AS endpoint, done.field, count(ours.run) AS differed, count(theirs.run) AS "controlDiffered",
              count(*) FILTER (WHERE ours.run IS NOT NULL AND theirs.run IS NOT NULL) AS both,
              count(*) FILTER (WHERE theirs.run IS NULL AND ours.at BETWEEN $3 AND $4 AND NOT EXISTS (SELECT FROM left_out WHERE run = $2 AND left_out.input = done.input)) AS "candidateOnly",
              count(*) FILTER (WHERE ours.run IS NULL AND theirs.at BETWEEN $3 AND $4 AND NOT EXISTS (SELECT FROM left_out WHERE run = $1 AND left_out.input = done.input)) AS "controlOnly",
              count(*) FILTER (WHERE theirs.run IS NULL AND ours.at > $4) AS ahead
         FROM (SELECT * FROM mismatch WHERE run = $1) AS ours FULL JOIN (SELECT * FROM mismatch WHERE run = $2) AS theirs USING (input, field) AS done
        GROUP BY 1, 2`,
      [run, control?.id ?? null, control?.from ?? null, control?.to ?? null],
    );
  }
}
