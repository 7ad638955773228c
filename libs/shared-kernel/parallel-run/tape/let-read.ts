import { escapeIdentifier } from 'pg';
import { PARALLEL_RUN } from '../findings/migrations.js';
import { withAdmin } from './admin.js';

/** Lets whoever plays read the tape, and no other table of the context. One after the other: PostgreSQL refuses two that grant the same at once. */
export async function letReadTape(sourceUrl: string, context: string): Promise<void> {
  const [role, schema] = [escapeIdentifier(`banyan_${PARALLEL_RUN}`), escapeIdentifier(context)];
  await withAdmin(sourceUrl, async (admin) => {
    await admin.query(`SELECT pg_advisory_lock(hashtextextended('banyan readers of ' || $1, 0))`, [context]);
    await admin.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}; GRANT SELECT ON ${schema}.tape TO ${role}`);
  });
}
