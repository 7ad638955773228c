import { Client } from 'pg';

/** Works on a connection of its own, as an administrator. @throws what PostgreSQL says */
export async function withAdmin<T>(url: string, work: (admin: Client) => Promise<T>): Promise<T> {
  const admin = new Client({ connectionString: url, application_name: 'banyan parallel run' });
  admin.on('error', () => undefined); // the statement under way fails with it
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end().catch(() => undefined);
  }
}
