import type { QueryResult } from 'pg';
import type { DataSource, EntityManager } from 'typeorm';

type Send = (sql: string, params?: unknown[]) => Promise<QueryResult>;

/**
 * TypeORM's entity manager for a transaction that somebody else opened and will end: its statements go through `send`,
 * and transactions that it opens become savepoints. Made only for those who ask: most never do.
 */
export function adoptingManager(dataSource: DataSource, send: Send): EntityManager {
  const runner = dataSource.createQueryRunner();
  return Object.assign(runner, { databaseConnection: { query: send }, isTransactionActive: true, transactionDepth: 1 }).manager;
}
