import { Client } from 'pg';

/** How large the bus's tables are, partitions and indexes included. */
export interface Sizes {
  readonly outboxBytes: number;
  readonly inboxBytes: number;
  readonly deadRows: number;
}

export interface Tally {
  /** Events that the source committed, and those that the sink accepted, each in order. */
  readonly committed: number;
  readonly accepted: number;
}

/** Looks at the soak's database as its administrator. */
export class Gauge {
  private constructor(private readonly client: Client) {}

  static async open(url: string): Promise<Gauge> {
    const client = new Client({ connectionString: url, application_name: 'soak' });
    await client.connect();
    return new Gauge(client);
  }

  async sizes(): Promise<Sizes> {
    const { rows } = await this.client.query<{ outbox: string; inbox: string; dead: string }>(
      `SELECT coalesce(sum(pg_total_relation_size(relid)) FILTER (WHERE schemaname = 'source' AND (relname LIKE 'outbox%' OR relname LIKE 'relay%')), 0) AS outbox,
         coalesce(sum(pg_total_relation_size(relid)) FILTER (WHERE schemaname = 'sink' AND relname LIKE 'inbox%'), 0) AS inbox,
         coalesce(sum(n_dead_tup) FILTER (WHERE relname LIKE 'outbox%' OR relname LIKE 'inbox%'), 0) AS dead
       FROM pg_stat_user_tables WHERE schemaname IN ('source', 'sink')`,
    );
    const [row] = rows;
    return { outboxBytes: Number(row?.outbox), inboxBytes: Number(row?.inbox), deadRows: Number(row?.dead) };
  }

  async tally(): Promise<Tally> {
    const { rows } = await this.client.query<{ committed: string; accepted: string }>(
      'SELECT (SELECT coalesce(sum(n), 0) FROM source.bucket) AS committed, (SELECT coalesce(sum(n), 0) FROM sink.bucket) AS accepted',
    );
    return { committed: Number(rows[0]?.committed), accepted: Number(rows[0]?.accepted) };
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
