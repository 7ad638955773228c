import type { Database } from '../persistence/index.js';
import type { Outcome } from './progress.js';
import type { SagaReason } from './step.js';

/** One step of a saga's past. */
export interface SagaStep {
  readonly step: string;
  readonly direction: 'do' | 'undo';
  readonly outcome: Outcome;
  readonly attempts: number;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

/** Where a saga stands and how it came there. */
export interface SagaStory {
  readonly name: string;
  readonly id: string;
  readonly version: number;
  readonly status: 'running' | 'compensating' | 'done' | 'compensated';
  /** The step it stands at; null when it has ended. */
  readonly step: string | null;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly needsOperator: boolean;
  /** Why it turned back; null when it has not. */
  readonly reason: SagaReason | null;
  readonly dueAt: Date;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly correlationId: string;
  readonly steps: readonly SagaStep[];
}

/** Served by the primary keys. */
export async function storyOf(database: Database, name: string, id: string): Promise<SagaStory | undefined> {
  const [saga] = await database.query<Omit<SagaStory, 'steps'>>(
    `SELECT name, id, version, status, step, attempts, last_error AS "lastError", needs_operator AS "needsOperator", reason,
            due_at AS "dueAt", started_at AS "startedAt", ended_at AS "endedAt", correlation_id AS "correlationId"
       FROM saga WHERE name = $1 AND id = $2`,
    [name, id],
  );
  if (!saga) return undefined;
  const steps = await database.query<SagaStep>(
    `SELECT step, direction, outcome, attempts, started_at AS "startedAt", ended_at AS "endedAt"
       FROM saga_step WHERE name = $1 AND id = $2 ORDER BY ended_at, started_at`,
    [name, id],
  );
  return { ...saga, steps };
}

/** The unfinished sagas of one name. */
export interface SagaFigures {
  readonly name: string;
  readonly running: number;
  readonly compensating: number;
  readonly needingOperator: number;
  /** Age of the oldest, in seconds. */
  readonly oldestSeconds: number;
}

/** Served by saga_due, which holds the unfinished ones alone. A name without any has no row. */
export function figuresOf(database: Database): Promise<SagaFigures[]> {
  return database.query<SagaFigures>(
    `SELECT name,
            count(*) FILTER (WHERE status = 'running')::int AS running,
            count(*) FILTER (WHERE status = 'compensating')::int AS compensating,
            count(*) FILTER (WHERE needs_operator)::int AS "needingOperator",
            extract(epoch FROM clock_timestamp() - min(started_at))::float8 AS "oldestSeconds"
       FROM saga WHERE ended_at IS NULL GROUP BY name ORDER BY name`,
  );
}
