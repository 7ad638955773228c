import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { kernel } from './product.mjs';

/** A PostgreSQL for one test. @param {(database: () => Promise<string>) => Promise<void>} work given who makes empty databases */
export async function withDatabase(work) {
  const { startEmbeddedDatabase } = await kernel('persistence');
  const dataDir = await mkdtemp(join(tmpdir(), 'banyan-bench-'));
  const server = await startEmbeddedDatabase({ dataDir });
  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  let made = 0;
  try {
    await work(async () => {
      made += 1;
      await admin.query(`CREATE DATABASE bench_${made}`);
      return Object.assign(new URL(server.url), { pathname: `/bench_${made}` }).href;
    });
  } finally {
    await admin.end();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
