import type { Pool } from 'pg';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { Database } from './database.js';

/** What the connections of one context are doing, in this process. */
export interface PoolFigures {
  /** Open at the moment, and how many of them nobody uses. */
  readonly open: number;
  readonly idle: number;
  /** How many may be open. */
  readonly limit: number;
  /** Who waits for a connection. */
  readonly waiting: number;
}

/** Asks the pool, not the database. Undefined when the pool is closed. */
export function poolFigures({ dataSource }: Database): PoolFigures | undefined {
  const pool: Pool | undefined = (dataSource.driver as PostgresDriver).master;
  if (!pool) return undefined;
  return { open: pool.totalCount, idle: pool.idleCount, limit: pool.options.max, waiting: pool.waitingCount };
}
