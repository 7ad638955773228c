import type { Migration } from '@banyan/kernel/persistence';
import type { Database } from '@banyan/kernel/persistence';

/** Effects are only ever appended: what happened twice stands there twice. */
export const effectTables: Migration = {
  name: 'proof-0001',
  sql: `CREATE TABLE effect (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject text NOT NULL, what text NOT NULL);
        CREATE INDEX effect_of ON effect (subject, position);
        CREATE TABLE matter (id text PRIMARY KEY, n integer NOT NULL DEFAULT 0, is_closed boolean NOT NULL DEFAULT false);`,
};

/** Notes that something happened to the subject. */
export async function note(database: Database, subject: string, what: string): Promise<void> {
  await database.query('INSERT INTO effect (subject, what) VALUES ($1, $2)', [subject, what]);
}

/** What happened to the subject, in order. Served by effect_of. */
export async function effectsOn(database: Database, subject: string): Promise<string[]> {
  const rows = await database.query<{ what: string }>('SELECT what FROM effect WHERE subject = $1 ORDER BY position', [subject]);
  return rows.map((it) => it.what);
}

/** Locks the matter for the rest of the transaction. Two statements: the second one must see what others did until it had the lock. */
export async function lockMatter(database: Database, id: string): Promise<{ readonly isClosed: boolean }> {
  await database.query('INSERT INTO matter (id) VALUES ($1) ON CONFLICT DO NOTHING', [id]);
  const [matter] = await database.query<{ isClosed: boolean }>('SELECT is_closed AS "isClosed" FROM matter WHERE id = $1 FOR UPDATE', [id]);
  return { isClosed: matter?.isClosed ?? false };
}

export async function closeMatter(database: Database, id: string): Promise<void> {
  await database.query('UPDATE matter SET is_closed = true WHERE id = $1', [id]);
}

/** The next number of the matter; the row lock makes it the order of the commits. */
export async function countUp(database: Database, id: string): Promise<number> {
  const [row] = await database.query<{ n: number }>(
    'INSERT INTO matter AS it (id, n) VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET n = it.n + 1 RETURNING n', [id],
  );
  return row?.n ?? 0;
}
