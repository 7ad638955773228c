import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EmbeddedDatabase, startEmbeddedDatabase } from '@banyan/kernel/persistence';
import { Client } from 'pg';
import type { Evidence } from '../house/promises.js';
import type { Journal } from './journal.js';

/** A PostgreSQL of this run alone, to be stopped without warning; whoever keeps it starts it again at once. */
export class OwnPostgres {
  stops = 0;

  private constructor(private readonly dataDir: string, private readonly database: EmbeddedDatabase, private readonly journal: Journal) {}

  /** Without fsync: what is committed survives the death of PostgreSQL all the same, and only that is tried here. */
  static async start(dataDir: string, journal: Journal): Promise<OwnPostgres> {
    return new OwnPostgres(dataDir, await startEmbeddedDatabase({ dataDir, durable: false }), journal);
  }

  get url(): string {
    return this.database.url;
  }

  /** An immediate stop, as by `pg_ctl stop -m immediate`, or the postmaster is killed outright. */
  async stopAtOnce(outright: boolean): Promise<void> {
    const pid = Number((await readFile(join(this.dataDir, 'postgres', 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0]);
    if (!(pid > 1)) return;
    this.journal.note('stopped PostgreSQL', { pid, outright });
    this.stops += 1;
    process.kill(pid, outright ? 'SIGKILL' : 'SIGQUIT');
  }

  /** Cuts some of the apps' connections. @param share of them, 0 to 1 */
  async cutConnections(share: number): Promise<number> {
    const rows = await this.ask<{ cut: number }>(
      `SELECT count(pg_terminate_backend(pid))::int AS cut FROM pg_stat_activity WHERE application_name LIKE 'banyan-%' AND random() < $1`, [share],
    ).catch(() => []); // it may be away itself
    const cut = rows[0]?.cut ?? 0;
    this.journal.note('cut connections', { cut });
    return cut;
  }

  /** What is committed at this moment, of all contexts. */
  async evidence(): Promise<Evidence> {
    const sagas = await this.ask<{ id: string; status: string }>('SELECT id, status FROM shop.saga', []);
    const counts = await this.ask<{ id: string; n: number }>('SELECT id, n FROM shop.matter', []);
    const contexts = ['shop', 'store', 'bank', 'books'];
    const effects = await this.ask<{ place: string; what: string[] }>(
      contexts.map((it) => `SELECT '${it} ' || subject AS place, array_agg(what ORDER BY position) AS what FROM ${it}.effect GROUP BY subject`).join(' UNION ALL '), [],
    );
    const whats = new Map(effects.map((it) => [it.place, it.what]));
    const ns = new Map(counts.map((it) => [it.id, it.n]));
    return {
      sagas: new Map(sagas.map((it) => [it.id, it.status])),
      effects: (context, subject) => whats.get(`${context} ${subject}`) ?? [],
      counted: (customer) => ns.get(customer) ?? 0,
    };
  }

  stop(): Promise<void> {
    return this.database.stop();
  }

  private async ask<Row extends object>(sql: string, params: unknown[]): Promise<Row[]> {
    const client = new Client({ connectionString: this.url, application_name: 'chaos', connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(sql, params)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
