import { randomUUID } from 'node:crypto';
import type { Database } from '../persistence/index.js';
import { StagePreconditionFailed } from './errors.js';
import { type Stage, type Standing, embedded, stages } from './stage.js';

/** Who the journal says it was when nobody asked for it. */
const FACADE_ITSELF = 'facade';

/** Where somebody wants a context to stand, and why. */
export interface StageWish {
  readonly stage: Stage;
  /** For a canary: how much of the traffic, 1 to 99. */
  readonly percent?: number;
  /** Out of a parallel run: the share of inputs in which a difference may remain unseen; 0.001 unless told. */
  readonly epsilon?: number;
  readonly reason: string;
}

/** One thing that has to hold before a context is moved, looked at just now. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly figures: Readonly<Record<string, number | string>>;
  /** What it means, and what to do when it does not hold. */
  readonly explanation: string;
}

/** A move from where the context stands to where it is to stand. */
export interface Move {
  readonly context: string;
  readonly from: Standing;
  readonly to: Pick<Standing, 'stage' | 'percent'>;
  /** Whether anything would change. */
  readonly isReal: boolean;
  readonly checks: readonly Check[];
}

/** Looks whether something holds that a move away from the monolith needs; undefined where this move does not need it. */
export type Precondition = (move: Pick<Move, 'context' | 'from' | 'to'> & Pick<StageWish, 'epsilon'>) => Promise<Check | readonly Check[] | undefined>;

/** One line of the audit. */
export interface JournalEntry {
  readonly id: number;
  readonly context: string;
  readonly epoch: number;
  readonly from: { readonly stage: Stage; readonly percent: number };
  readonly to: { readonly stage: Stage; readonly percent: number };
  readonly reason: string;
  readonly actor: string;
  readonly checks: readonly Check[];
  readonly at: Date;
}

/**
 * Moves contexts between stages. More traffic for the extracted side needs every precondition to hold; the way back is
 * always open. Each move is one transaction with its line in the journal; a wish that is fulfilled already changes nothing.
 */
export class StageChanges {
  private readonly preconditions: Precondition[];

  constructor(private readonly database: Database, preconditions: readonly Precondition[]) {
    this.preconditions = [...preconditions];
  }

  /** One thing more that has to hold; said before anybody moves anything. */
  require(precondition: Precondition): void {
    this.preconditions.push(precondition);
  }

  /** What a wish would do; changes nothing. */
  async plan(context: string, wish: StageWish): Promise<Move> {
    return this.moveFrom(await this.standing(context), wish);
  }

  /** @throws StagePreconditionFailed with every check */
  async change(context: string, wish: StageWish, actor: string): Promise<Move> {
    return this.database.transaction(async () => {
      await this.lock(context);
      const move = await this.moveFrom(await this.standing(context), wish);
      if (!move.isReal) return move;
      const failed = move.checks.filter((it) => !it.ok);
      if (failed.length > 0) throw refusal(move, failed);
      await this.write(move, wish, actor);
      return move;
    });
  }

  /** Takes all traffic back, unless somebody has moved the context since this epoch. @returns whether it did */
  async retreat(context: string, epoch: number, reason: string): Promise<boolean> {
    return this.database.transaction(async () => {
      await this.lock(context);
      const from = await this.standing(context);
      if (from.epoch !== epoch || from.percent === 0) return false;
      await this.write({ context, from, to: { stage: 'embedded', percent: 0 }, isReal: true, checks: [] }, { stage: 'embedded', reason }, FACADE_ITSELF);
      return true;
    });
  }

  /** Seconds since the facade itself took the context back; undefined when it never did, or somebody moved it since. */
  async secondsSinceRetreat(context: string): Promise<number | undefined> {
    const [row] = await this.database.query<{ actor: string; seconds: number }>(
      `SELECT actor, extract(epoch FROM now() - at)::float8 AS seconds FROM journal WHERE context = $1 ORDER BY id DESC LIMIT 1`, [context],
    );
    return row?.actor === FACADE_ITSELF ? row.seconds : undefined;
  }

  /** The audit, the newest first. @param before an id, for the next page */
  async journal(limit: number, context?: string, before?: number): Promise<JournalEntry[]> {
    return this.database.query<JournalEntry>(
      `SELECT id, context, epoch, json_build_object('stage', from_stage, 'percent', from_percent) AS "from",
              json_build_object('stage', to_stage, 'percent', to_percent) AS "to", reason, actor, checks, at
         FROM journal WHERE ($2::text IS NULL OR context = $2) AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $1`,
      [limit, context ?? null, before ?? null],
    );
  }

  /** One change of a context at a time, in all processes. */
  private async lock(context: string): Promise<void> {
    await this.database.query(`SELECT pg_advisory_xact_lock(hashtextextended('facade stage ' || $1, 0))`, [context]);
  }

  private async standing(context: string): Promise<Standing> {
    const [row] = await this.database.query<Standing>('SELECT context, stage, percent, epoch, salt FROM stage WHERE context = $1', [context]);
    return row ?? embedded(context);
  }

  private async moveFrom(from: Standing, { stage, percent = 0, epsilon }: StageWish): Promise<Move> {
    const to = { stage, percent: stage === 'canary' ? percent : stage === 'live' ? 100 : 0 };
    const move = { context: from.context, from, to };
    const isReal = from.stage !== to.stage || from.percent !== to.percent;
    const checks = isReal && !isWayBack(from, to) ? await Promise.all(this.preconditions.map((it) => it({ ...move, ...(epsilon !== undefined && { epsilon }) }))) : [];
    return { ...move, isReal, checks: checks.flatMap((it) => it ?? []) };
  }

  /** The salt is kept while a canary ramps, or its users would be sent to and fro. */
  private async write({ context, from, to, checks }: Move, { reason }: StageWish, actor: string): Promise<void> {
    const salt = from.salt || randomUUID();
    await this.database.query(
      `INSERT INTO stage (context, stage, percent, epoch, salt) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (context) DO UPDATE SET stage = $2, percent = $3, epoch = $4, salt = $5, changed_at = now()`,
      [context, to.stage, to.percent, from.epoch + 1, salt],
    );
    await this.database.query(
      `INSERT INTO journal (context, epoch, from_stage, from_percent, to_stage, to_percent, reason, actor, checks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [context, from.epoch + 1, from.stage, from.percent, to.stage, to.percent, reason, actor, JSON.stringify(checks)],
    );
  }
}

/** Less traffic for the extracted side, and in the end none and no comparison, is always possible. */
function isWayBack(from: Standing, to: Move['to']): boolean {
  return to.percent < from.percent || (to.percent === from.percent && stages.indexOf(to.stage) <= stages.indexOf(from.stage));
}

function refusal({ context, to, checks }: Move, failed: readonly Check[]): Error {
  const target = to.stage === 'canary' ? `canary at ${to.percent} %` : to.stage;
  return new StagePreconditionFailed(`${context} cannot go ${target}: ${failed.map((it) => it.explanation).join(' ')}`, { checks });
}
