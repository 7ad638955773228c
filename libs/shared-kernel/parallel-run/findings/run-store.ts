import { randomUUID } from 'node:crypto';
import type { Keys } from '../../comparison/index.js';
import type { Database } from '../../persistence/index.js';
import type { TapeCursor } from '../tape/tape-reader.js';
import type { LatencyCounts } from '../verdict/latency.js';
import type { Mismatch, Tallied, Taped } from '../shadow/tally.js';
import { storableField, storableJson } from './storable.js';

/** Which copy plays. */
export type Purpose = 'shadow' | 'control';

/** A run that is under way. */
export interface Run extends TapeCursor {
  readonly id: string;
  readonly context: string;
  readonly purpose: Purpose;
  /** The keys of the copy's tables. */
  readonly keys: Keys;
  readonly latency: LatencyCounts | null;
}

/** Characters of a sample that are kept; what is beyond them is cut out of its largest parts. */
const SAMPLE_LENGTH = 200_000;
/** Characters of what it takes to do an input again; half of it would be of no use. */
const TAPE_LENGTH = 2_000_000;

/** Somebody has ended the run meanwhile. */
class RunIsOver extends Error {}

/** The runs of a house, in the schema that they share: how far each is, and what it has found. */
export class RunStore {
  constructor(private readonly database: Database) {}

  /** Begins a run on a fresh copy, and ends the one before it. */
  async begin({ context, purpose, keys, snapshot }: { context: string; purpose: Purpose; keys: Keys; snapshot: string }): Promise<string> {
    const id = randomUUID();
    await this.database.transaction(async () => {
      await this.end(context, purpose);
      await this.database.query(`INSERT INTO run (id, context, purpose, state, keys, seen, after) VALUES ($1, $2, $3, 'playing', $4, $5, '0')`, [id, context, purpose, JSON.stringify(keys), snapshot]);
    });
    return id;
  }

  /** Says what kept a run from beginning, once for as long as it is the same. Served by run_latest. */
  async couldNotBegin(context: string, purpose: Purpose, trouble: string): Promise<void> {
    const known = await this.database.query(
      `UPDATE run SET said_at = now() WHERE state = 'ended' AND trouble = $3 AND id = (SELECT id FROM run WHERE context = $1 AND purpose = $2 ORDER BY started_at DESC LIMIT 1) RETURNING id`,
      [context, purpose, trouble],
    );
    if (known.length > 0) return;
    await this.database.query(
      `INSERT INTO run (id, context, purpose, state, trouble, keys, seen, after) VALUES ($1, $2, $3, 'ended', $4, '{}', '', '0')`, [randomUUID(), context, purpose, trouble],
    );
  }

  /** Notes what an app calls personal in a context that it writes down. */
  async noteRecording(app: string, context: string, personal: readonly string[]): Promise<void> {
    await this.database.query(
      'INSERT INTO recording (context, app, personal) VALUES ($1, $2, $3) ON CONFLICT (context, app) DO UPDATE SET personal = excluded.personal, said_at = now()', [context, app, personal],
    );
  }

  /** What an app calls personal in a context; undefined when it has not said so yet. Served by the primary key. */
  async recordedBy(app: string, context: string): Promise<readonly string[] | undefined> {
    const [row] = await this.database.query<{ personal: string[] }>('SELECT personal FROM recording WHERE app = $1 AND context = $2', [app, context]);
    return row?.personal;
  }

  /** The run under way, if there is one. Served by run_current. */
  async current(context: string, purpose: Purpose): Promise<Run | undefined> {
    const [run] = await this.database.query<Run>(`SELECT id, context, purpose, keys, latency, seen, upto, after FROM run WHERE context = $1 AND purpose = $2 AND state <> 'ended'`, [context, purpose]);
    return run;
  }

  /** Contexts whose tape somebody plays. Served by run_current. */
  async underWay(): Promise<string[]> {
    return (await this.database.query<{ context: string }>(`SELECT DISTINCT context FROM run WHERE state <> 'ended'`)).map((it) => it.context);
  }

  /** What has been played of a context's tape by each that plays it, and for how long it has said nothing. Served by run_current. */
  async played(context: string): Promise<ReadonlyArray<{ readonly id: string; readonly purpose: Purpose; readonly seen: string; readonly silentSeconds: number }>> {
    return this.database.query(`SELECT id, purpose, seen, extract(epoch FROM now() - said_at)::float8 AS "silentSeconds" FROM run WHERE context = $1 AND state <> 'ended'`, [context]);
  }

  /** Ends the runs of a context, whoever plays it; those of one purpose only, where it is given. @returns whether there were any */
  async giveUp(context: string, trouble: string, purpose?: Purpose): Promise<boolean> {
    return (await this.database.query(`UPDATE run SET state = 'ended', trouble = $2 WHERE context = $1 AND ($3::text IS NULL OR purpose = $3) AND state <> 'ended' RETURNING id`, [context, trouble, purpose ?? null])).length > 0;
  }

  async end(context: string, purpose: Purpose): Promise<void> {
    await this.database.query(`UPDATE run SET state = 'ended', said_at = now() WHERE context = $1 AND purpose = $2 AND state <> 'ended'`, [context, purpose]);
  }

  /** Says what keeps a run from going on. */
  async fail(id: string, trouble: string): Promise<void> {
    await this.database.query(`UPDATE run SET state = 'failing', trouble = $2, said_at = now(), restarts = restarts + 1 WHERE id = $1 AND state <> 'ended'`, [id, trouble]);
  }

  /** Notes progress and what was found on the way, together. @param behind what is read and not compared @throws RunIsOver */
  async note(id: string, cursor: TapeCursor, { covered, mismatches, tapes, leftOut, reachedAt, counts, latency }: Tallied, behind: number): Promise<void> {
    await this.database.transaction(async () => {
      const still = await this.database.query(
        `UPDATE run SET state = 'playing', trouble = NULL, seen = $2, upto = $3, after = $4, behind = $5, said_at = now(),
           applied = applied + $6, skipped = skipped + $7, undecided = undecided + $8, unanswered = unanswered + $9, dropped = dropped + $10, latency = coalesce($11, latency), reached_at = greatest(reached_at, $12) WHERE id = $1 AND state <> 'ended' RETURNING id`,
        [id, cursor.seen, cursor.upto, cursor.after, behind, counts.applied, counts.skipped, counts.undecided, counts.unanswered, counts.dropped, latency === undefined ? null : JSON.stringify(latency), reachedAt ?? null],
      );
      if (still.length === 0) throw new RunIsOver('This run has ended: its tape was given up, or another copy was made.');
      if (covered.length > 0) {
        await this.database.query(
          `INSERT INTO coverage (run, endpoint, outcome, compared, equal, wrote) SELECT $1, * FROM unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[])
           ON CONFLICT (run, endpoint, outcome) DO UPDATE SET compared = coverage.compared + excluded.compared, equal = coverage.equal + excluded.equal, wrote = coverage.wrote + excluded.wrote`,
          [id, covered.map((it) => it.endpoint), covered.map((it) => it.outcome), covered.map((it) => it.compared), covered.map((it) => it.equal), covered.map((it) => it.wrote)],
        );
      }
      if (leftOut.length > 0) await this.database.query('INSERT INTO left_out (run, input) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING', [id, leftOut]);
      for (const mismatch of mismatches) await this.noteMismatch(id, mismatch);
      for (const taped of tapes) await this.noteTape(id, taped);
    });
  }

  private async noteMismatch(id: string, { endpoint, run, differences, input, primary, candidate, isStated }: Mismatch): Promise<void> {
    const sample = trimmed({ run, isStated, input, primary, candidate, differences });
    const named = differences.map(({ output, kind, field }) => ({ output, kind, field: storableField(field) }));
    const places = [...new Map(named.map((it) => [`${it.output}\n${it.kind}\n${it.field}`, it])).values()];
    await this.database.query(
      `INSERT INTO finding (id, run, endpoint, output, kind, field, count, sample) SELECT id, $1, $2, output, kind, field, 1, $3 FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[]) AS it (id, output, kind, field)
       ON CONFLICT (run, endpoint, output, kind, field) DO UPDATE SET count = finding.count + 1, last_seen = now(),
         sample = CASE WHEN $8 AND finding.sample->>'isStated' = 'false' THEN excluded.sample ELSE finding.sample END`,
      [id, endpoint, sample, places.map(() => randomUUID()), places.map((it) => it.output), places.map((it) => it.kind), places.map((it) => it.field), isStated],
    );
    await this.database.query(
      'INSERT INTO mismatch (run, input, endpoint, field, at) SELECT $1, $2, $3, field, $5 FROM unnest($4::text[]) AS field ON CONFLICT DO NOTHING',
      [id, run, endpoint, [...new Set(places.map((it) => it.field))], input.pinned.at],
    );
  }

  /** A sample whose input has ended can be done again. */
  private async noteTape(id: string, { endpoint, run, tape }: Taped): Promise<void> {
    const text = storableJson(JSON.stringify(tape));
    if (text.length > TAPE_LENGTH) return;
    await this.database.query(`UPDATE finding SET sample = jsonb_set(sample, '{tape}', $4) WHERE run = $1 AND endpoint = $2 AND sample->>'run' = $3`, [id, endpoint, run, text]);
  }
}

/** A sample is for people; an order of thousands of lines need not be read to its end. */
function trimmed(sample: object): string {
  const text = JSON.stringify(sample);
  if (text.length <= SAMPLE_LENGTH) return storableJson(text);
  return storableJson(JSON.stringify(sample, (_key, value: unknown) => (Array.isArray(value) && value.length > 20 ? [...value.slice(0, 20) as unknown[], `… and ${value.length - 20} more`] : value)));
}
