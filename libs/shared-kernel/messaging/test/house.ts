import { Client } from 'pg';
import { type Database, openDatabase, provisionContext } from '../../persistence/index.js';
import { type TestDatabase, preparedDatabase } from '../../testing/plain.js';
import { type ContextName, contextNames, testMigrations } from './contexts.js';
import { Instance, type InstanceOptions } from './instance.js';

/** The databases of the test contexts, and any number of processes' worth of buses on them. */
export class House {
  private readonly instances: Instance[] = [];
  private readonly admin: Client;
  private readonly watching = new Map<ContextName, Database>();

  private constructor(private readonly whole: TestDatabase, readonly urls: Readonly<Record<ContextName, string>>) {
    this.admin = new Client({ connectionString: whole.url });
    this.admin.on('error', () => undefined);
  }

  static async open(): Promise<House> {
    const database = await preparedDatabase(contextNames.map((name) => ({ name, migrations: testMigrations })));
    const urls = { source: '', left: '', right: '' };
    for (const name of contextNames) urls[name] = (await provisionContext({ adminUrl: database.url, name, migrations: testMigrations })).url;
    const house = new House(database, urls);
    await house.admin.connect();
    return house;
  }

  /** Another process of the same app, as far as the database can tell. */
  async instance(options: InstanceOptions = {}): Promise<Instance> {
    const instance = await Instance.open(this.urls, `test ${this.instances.length}`, options);
    this.instances.push(instance);
    return instance;
  }

  /** The context's database as its role sees it, of no instance and with nothing running on it. */
  async database(context: ContextName): Promise<Database> {
    const known = this.watching.get(context);
    const database = known ?? await openDatabase({ context, url: this.urls[context], poolSize: 2, applicationName: 'looking' });
    this.watching.set(context, database);
    return database;
  }

  async look<Row>(context: ContextName, sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return (await this.database(context)).query<Row>(sql, params);
  }

  /** What a context has heard per key, in the order in which it took effect. */
  async heard(context: ContextName): Promise<Record<string, number[]>> {
    const rows = await this.look<{ key: string; ns: number[] }>(context, 'SELECT key, array_agg(n ORDER BY id) AS ns FROM heard GROUP BY key');
    return Object.fromEntries(rows.map((row) => [row.key, row.ns]));
  }

  /** How many events of the context's inbox are in which state. */
  async statuses(context: ContextName): Promise<Record<string, number>> {
    // Most events are handled when they arrive and leave no more than their id.
    const rows = await this.look<{ status: string; count: number }>(context, `
      SELECT status, count(*)::integer AS count
        FROM (SELECT status FROM inbox UNION ALL
              SELECT 'done' FROM inbox_handled WHERE NOT EXISTS (SELECT FROM inbox WHERE inbox.event_id = inbox_handled.event_id)) AS every
       GROUP BY status`);
    return Object.fromEntries(rows.map((row) => [row.status, row.count]));
  }

  /** Cuts connections of the instances as an operator or a failing network does. @param share of them, 0 to 1 */
  async cutConnections(share = 1): Promise<void> {
    await this.admin.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'test %' AND random() < $1`, [share],
    );
  }

  /** Fills inbox and outbox with what a busy week leaves behind, and lets the planner know. */
  async age(context: ContextName, handled: number): Promise<void> {
    await this.look(context,
      `INSERT INTO inbox (event_id, lane, status, attempts, handled_at, event_type, event_version, occurred_at, aggregate_type, aggregate_id, correlation_id, causation_id, traceparent, payload)
       SELECT gen_random_uuid(), i % 16, 'done', 1, now(), 'source.counted', 1, now(), 'counter', 'old' || i, '', '', '', '{}' FROM generate_series(1, $1::integer) AS i`, [handled]);
    await this.admin.query(`ANALYZE "${context}".inbox`);
  }

  /** Takes the database away from every context, until it is given back. */
  async takeAway(): Promise<void> {
    await this.admin.query(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 0', current_database()); END $$`);
    await this.cutConnections();
  }

  async giveBack(): Promise<void> {
    await this.admin.query(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT -1', current_database()); END $$`);
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((it) => it.stop()));
    await Promise.all([...this.watching.values()].map((it) => it.close()));
    await this.admin.end();
    await this.whole.drop();
  }
}
