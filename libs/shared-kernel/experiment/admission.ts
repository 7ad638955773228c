import { type Database, poolFigures } from '../persistence/index.js';
import { Random, besideInput, currentInput, remainingMs } from '../runtime/index.js';
import type { Breaker } from './breaker.js';
import type { Budget } from './budget.js';
import type { SkipReason } from './words.js';

const random = new Random();

/** Is the input under way one of those that are compared? The same input always gets the same answer, and does not notice. */
export function isChosen(experiment: string, percent: number): boolean {
  if (percent >= 100 || !currentInput()) return percent > 0;
  return besideInput()(0, () => random.next(`experiment:${experiment}`)) * 100 < percent;
}

/** What stands between a call and its comparison. */
export interface Gates {
  readonly database: Database;
  readonly budget: Budget;
  readonly breaker: Breaker;
  readonly waitMs: number;
  readonly atOnce: number;
}

/** Why a chosen call cannot be compared now; undefined when it can. The breaker is asked last: it may allow just this one. */
export function obstacle(kind: 'read' | 'write', gates: Gates, underWay: number): SkipReason | undefined {
  const { database, budget, breaker } = gates;
  if (!currentInput()) return 'no-input';
  if (database.witness?.isWatching) return 'watched';
  const here = kind === 'write' ? obstacleToWrite(gates) : obstacleToRead(gates, underWay);
  if (here) return here;
  if (!budget.isLeft) return 'budget';
  return breaker.allows() ? undefined : 'off';
}

function obstacleToWrite({ database, waitMs }: Gates): SkipReason | undefined {
  if (!database.inTransaction) return 'no-transaction';
  if (!database.isRehearsable) return 'shared-transaction';
  return remainingMs() < waitMs * 2 ? 'deadline' : undefined;
}

function obstacleToRead({ database, atOnce }: Gates, underWay: number): SkipReason | undefined {
  if (database.inTransaction || !database.isRehearsable) return 'in-transaction';
  if (underWay >= atOnce) return 'busy';
  const pool = poolFigures(database);
  return pool && pool.idle + pool.limit - pool.open > pool.waiting ? undefined : 'pool';
}

