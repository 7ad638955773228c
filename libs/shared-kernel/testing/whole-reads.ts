import type { Database } from '../persistence/index.js';

/** Of these statements, those for which no index is of use: with sequential scans discouraged, they still need one. */
export function wholeReads(database: Database, statements: readonly Parameters<Database['query']>[]): Promise<string[]> {
  return database.transaction(async () => {
    await database.query('SET LOCAL enable_seqscan = off');
    const found: string[] = [];
    for (const [sql, params] of statements) {
      const plan = JSON.stringify(await database.query(`EXPLAIN ${sql}`, params));
      if (plan.includes('Seq Scan')) found.push(sql);
    }
    return found;
  });
}
